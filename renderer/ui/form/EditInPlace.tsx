import { Pencil } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../Button';
import { ErrorNote } from '../ErrorNote';
import { useOperation } from '../useOperation';
import './EditInPlace.css';

interface EditInPlaceProps {
  label: string;
  /** The value as editable text. */
  value: string;
  /** Read-only view of the value, hidden while it is empty. */
  children: ReactNode;
  /** Placeholder shown while the value is empty. */
  placeholder: string;
  /** One sentence about the format. */
  hint?: string;
  mono?: boolean;
  /** One item per line: Enter inserts a line and Ctrl+Enter saves. */
  lines?: boolean;
  disabled?: boolean;
  /** Returns an error message for a text, or null. */
  check?: (text: string) => string | null;
  save: (text: string) => Promise<unknown>;
}

/** Value that becomes editable on click or Enter, until it is saved or cancelled with Escape. */
export function EditInPlace(props: EditInPlaceProps) {
  const { label, value, children, placeholder, disabled } = props;
  const [editing, setEditing] = useState(false);
  const shown = useRef<HTMLButtonElement>(null);
  const id = useId();

  const end = () => {
    setEditing(false);
    // The button is mounted in the next frame.
    requestAnimationFrame(() => shown.current?.focus());
  };

  const editUnlessSelecting = () => {
    if (!disabled && window.getSelection()?.isCollapsed) setEditing(true);
  };

  return (
    <section className="in-place" aria-labelledby={id}>
      <h3 id={id}>{label}</h3>
      {editing ? (
        <Editor {...props} onEnd={end} />
      ) : (
        <div className="in-place-value">
          {value !== '' && (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the adjacent button serves the keyboard
            // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for that button
            <div className="selectable" dir="auto" onClick={editUnlessSelecting}>
              {children}
            </div>
          )}
          <button
            ref={shown}
            type="button"
            className={value === '' ? 'in-place-placeholder' : 'in-place-open'}
            aria-label={`Edit ${label.toLowerCase()}`}
            title={disabled ? undefined : `Edit ${label.toLowerCase()}`}
            disabled={disabled}
            onClick={() => setEditing(true)}
          >
            <Pencil size={13} aria-hidden />
            {value === '' && placeholder}
          </button>
        </div>
      )}
    </section>
  );
}

function Editor({
  label,
  value,
  hint,
  mono,
  lines = false,
  check,
  save,
  onEnd,
}: EditInPlaceProps & { onEnd: () => void }) {
  const [text, setText] = useState(value);
  const { running, error, run } = useOperation();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const issue = check?.(text) ?? null;

  useEffect(() => {
    const target = field.current;
    target?.focus();
    target?.setSelectionRange(target.value.length, target.value.length);
  }, []);

  const submit = async () => {
    if (issue !== null || running) return;
    if (text === value || (await run(() => save(text)))) onEnd();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Keeps Escape from closing the parent, and letters from acting as shortcuts.
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && !running) onEnd();
    if (event.key !== 'Enter' || event.shiftKey) return;
    if (lines && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    void submit();
  };

  return (
    <div className="in-place-editor">
      <textarea
        ref={field}
        className={`text-input ${mono ? 'mono' : ''}`}
        dir="auto"
        aria-label={label}
        aria-describedby={`${id}-note`}
        aria-invalid={issue !== null || undefined}
        rows={Math.min(12, Math.max(2, text.split('\n').length + 1))}
        spellCheck={!mono}
        readOnly={running}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape works on its buttons as well */}
      <div className="in-place-buttons" onKeyDown={(e) => e.key === 'Escape' && onKeyDown(e)}>
        <Button
          variant="primary"
          disabled={running || issue !== null}
          onClick={() => void submit()}
        >
          {running ? 'Saving…' : 'Save'}
        </Button>
        <Button disabled={running} onClick={onEnd}>
          Cancel
        </Button>
        <p id={`${id}-note`} className={issue ? 'field-error' : 'field-hint'}>
          {issue ??
            hint ??
            (lines ? 'Ctrl+Enter saves.' : 'Enter saves, Shift+Enter inserts a line.')}
        </p>
      </div>
      {error && <ErrorNote error={error} />}
    </div>
  );
}
