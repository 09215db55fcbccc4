import { Pencil } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../Button';
import { ErrorNote } from '../ErrorNote';
import { useOperation } from '../useOperation';
import './EditInPlace.css';

interface EditInPlaceProps {
  label: string;
  /** As text, the way it is edited. */
  value: string;
  /** How it is shown; nothing while it is empty. */
  children: ReactNode;
  /** Invites to write something where there is nothing. */
  invitation: string;
  /** How it is written, in a sentence. */
  hint?: string;
  mono?: boolean;
  /** A line is a thing of its own: Enter makes the next one, and only Ctrl+Enter saves. */
  lines?: boolean;
  disabled?: boolean;
  /** What is wrong with a text, or null. */
  check?: (text: string) => string | null;
  save: (text: string) => Promise<unknown>;
}

/** Something that turns into its own editor: by a click or Enter, until it is saved or Escape. */
export function EditInPlace(props: EditInPlaceProps) {
  const { label, value, children, invitation, disabled } = props;
  const [editing, setEditing] = useState(false);
  const shown = useRef<HTMLButtonElement>(null);
  const id = useId();

  const end = () => {
    setEditing(false);
    // Not before the button is there again.
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
            // biome-ignore lint/a11y/useKeyWithClickEvents: the button beside it is for the keyboard
            // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut to that button
            <div className="selectable" dir="auto" onClick={editUnlessSelecting}>
              {children}
            </div>
          )}
          <button
            ref={shown}
            type="button"
            className={value === '' ? 'in-place-invitation' : 'in-place-open'}
            aria-label={`Edit ${label.toLowerCase()}`}
            title={disabled ? undefined : `Edit ${label.toLowerCase()}`}
            disabled={disabled}
            onClick={() => setEditing(true)}
          >
            <Pencil size={13} aria-hidden />
            {value === '' && invitation}
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
    // Else Escape would close what this is in, and letters would be commands.
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys pressed on its buttons end it too */}
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
            (lines ? 'Ctrl+Enter saves.' : 'Enter saves, Shift+Enter is a new line.')}
        </p>
      </div>
      {error && <ErrorNote error={error} />}
    </div>
  );
}
