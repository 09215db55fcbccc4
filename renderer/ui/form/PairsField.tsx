import { Field } from './Field';
import { parsePairs } from './pairs';

interface PairsFieldProps {
  label: string;
  hint: string;
  /** Lines of `NAME=value`. */
  value: string;
  onChange: (value: string) => void;
  /** What the engine says of it. */
  error: string | null;
}

/** Labels, variables or arguments, one on a line. */
export function PairsField({ label, hint, value, onChange, error }: PairsFieldProps) {
  const issue = parsePairs(value) === null ? 'Each line is NAME=value.' : error;
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
