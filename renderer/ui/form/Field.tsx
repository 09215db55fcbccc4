import { cloneElement, type ReactElement, type ReactNode, useId } from 'react';
import './Field.css';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  /** A single input, select or textarea. */
  children: ReactElement<Record<string, unknown>>;
}

/** Labelled input with a hint, replaced by the error message if there is one. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, {
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': note ? `${id}-note` : undefined,
      })}
      {note && (
        <p id={`${id}-note`} className={error ? 'field-error' : 'field-hint'}>
          {note}
        </p>
      )}
    </div>
  );
}
