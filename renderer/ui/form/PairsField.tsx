import { Field } from './Field';
import { parsePairs } from './pairs';

interface PairsFieldProps {
  label: string;
  hint: string;
  /** Text with one `NAME=value` per line. */
  value: string;
  onChange: (value: string) => void;
  /** Error of the operation for this field. */
  error: string | null;
}

/** Text area for labels, variables or arguments. */
export function PairsField({ label, hint, value, onChange, error }: PairsFieldProps) {
  const issue = parsePairs(value) === null ? 'Each line must be NAME=value.' : error;
  return (
    <Field label={label} hint={hint} error={issue}>
      <textarea
        className="mono"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
