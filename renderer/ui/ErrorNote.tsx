import { TriangleAlert } from 'lucide-react';
import type { ErrorInfo } from '#shared/errors';
import { errorText } from './errorText';
import './ErrorNote.css';

/** Error message with its hint. */
export function ErrorNote({
  error,
}: {
  error: Pick<ErrorInfo, 'message' | 'hint'> & { field?: string | null };
}) {
  return (
    <div className="error-note selectable" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <div>
        <p>{errorText(error)}</p>
        {error.hint && <p className="soft">{error.hint}</p>}
      </div>
    </div>
  );
}
