import { Field } from '../../ui/form/Field';

const GIB = 1024 ** 3;

interface CapacityFieldProps {
  hint: string;
  /** GiB as typed. */
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}

/** Field for the filesystem capacity of a sandbox, in GiB. */
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

/** Capacity in bytes; undefined if the field is empty. */
export function capacityBytes(gib: string): number | undefined {
  return gib ? Math.round(Number(gib) * GIB) : undefined;
}
