import { Field } from '../../ui/form/Field';

interface NoteFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** Field for the note of a snapshot. */
export function NoteField({ value, onChange }: NoteFieldProps) {
  return (
    <Field label="Note" hint="Optional.">
      <input value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
