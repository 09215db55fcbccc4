import { Field } from '../../ui/form/Field';

const GIB = 1024 ** 3;

interface CapacityFieldProps {
  hint: string;
  /** GiB as typed. */
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}

/** How large a sandbox's filesystem may grow. */
export function CapacityField({ hint, value, onChange, error }: CapacityFieldProps) {
  return (
    <Field label="Capacity (GiB)" hint={hint} error={error}>
      <input
        type="number"
        min="0.0625"
        step="any"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

/** What the field holds; undefined where it is empty. */
export function capacityBytes(gib: string): number | undefined {
  return gib ? Math.round(Number(gib) * GIB) : undefined;
}
