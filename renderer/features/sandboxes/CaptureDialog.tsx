import { type FormEvent, useState } from 'react';
import { snapshotNameSchema } from '#shared/names';
import { operations } from '../../api/operations';
import { go, useCloseDialog } from '../../stores/route';
import { useSandbox } from '../../stores/sandboxes';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/Field';
import { firstIssue } from '../../ui/firstIssue';
import { useOperation } from '../../ui/useOperation';

/** Asks for a name, and says what a capture keeps. */
export function CaptureDialog({ sandboxId }: { sandboxId: string }) {
  const closeDialog = useCloseDialog();
  const sandbox = useSandbox(sandboxId);
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const { running, error, run } = useOperation();
  const nameIssue = name === '' ? null : firstIssue(snapshotNameSchema, name);
  if (!sandbox) return null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const started = await run(() =>
      operations.snapshots.capture({ sandbox: sandboxId, name, note: note || undefined }),
    );
    if (!started) return;
    closeDialog();
    go({ page: 'snapshots' });
  };

  return (
    <Dialog
      title={`Capture ${sandbox.name}`}
      description={
        <dl className="facts">
          <dt>Kept</dt>
          <dd>every file outside /tmp, the environment, directory and user</dd>
          <dt>Left out</dt>
          <dd>/tmp, mounts, running processes and open connections</dd>
        </dl>
      }
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field
          label="Name"
          hint="Lowercase, e.g. ml-ready. A name that is there gets a new version."
          error={nameIssue ?? (error?.field === 'name' ? error.message : null)}
        >
          <input className="mono" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Note" hint="Optional.">
          <input value={note} onChange={(event) => setNote(event.target.value)} />
        </Field>
        {error && error.field !== 'name' && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button type="submit" look="primary" disabled={running || !name || nameIssue !== null}>
            Capture snapshot
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
