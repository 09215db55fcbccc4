import { type FormEvent, useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { useCloseDialog } from '../../stores/route';
import { useSnapshot } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/Field';
import { formatPairs, parsePairs } from '../../ui/pairs';
import { useOperation } from '../../ui/useOperation';
import { snapshotTitle } from './describeSnapshot';

/** A snapshot's note and labels. */
export function EditSnapshotDialog({ snapshotId }: { snapshotId: string }) {
  const snapshot = useSnapshot(snapshotId);
  return snapshot && <EditForm key={snapshot.id} snapshot={snapshot} />;
}

function EditForm({ snapshot }: { snapshot: Snapshot }) {
  const closeDialog = useCloseDialog();
  const [note, setNote] = useState(snapshot.note);
  const [text, setText] = useState(() => formatPairs(snapshot.labels));
  const { running, error, run } = useOperation();
  const labels = parsePairs(text);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!labels) return;
    const saved = await run(() => operations.snapshots.update({ id: snapshot.id, note, labels }));
    if (saved) closeDialog();
  };

  return (
    <Dialog title={`Edit ${snapshotTitle(snapshot)}`} onClose={closeDialog}>
      <form onSubmit={submit}>
        <Field label="Note">
          <textarea value={note} onChange={(event) => setNote(event.target.value)} />
        </Field>
        <Field
          label="Labels"
          hint="One NAME=value on a line. New sandboxes inherit them."
          error={labels === null ? 'Each line is NAME=value.' : null}
        >
          <textarea
            className="mono"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {error && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button type="submit" look="primary" disabled={running || labels === null}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
