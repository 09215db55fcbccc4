import { type FormEvent, useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { go, useCloseDialog } from '../../stores/route';
import { useSnapshot } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { fieldErrors } from '../../ui/errorText';
import { Field } from '../../ui/form/Field';
import { useOperation } from '../../ui/useOperation';
import { NoteField } from '../common/NoteField';
import { namedVersion } from '../common/snapshotName';
import { useSnapshotTitles } from '../common/useSnapshotTitles';

/** Duplicates a snapshot under another name. */
export function DuplicateSnapshotDialog({ snapshotId }: { snapshotId: string }) {
  const snapshot = useSnapshot(snapshotId);
  return snapshot && <DuplicateForm snapshot={snapshot} />;
}

function DuplicateForm({ snapshot }: { snapshot: Snapshot }) {
  const closeDialog = useCloseDialog();
  const titleOf = useSnapshotTitles();
  const [title, setTitle] = useState('');
  const [note, setNote] = useState(snapshot.note);
  const { running, error, run } = useOperation();
  const { name, tag, issue } = namedVersion(title);
  const errorOf = fieldErrors(error);
  const nameError = issue ?? errorOf('name') ?? errorOf('tag');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const started = await run(() =>
      operations.snapshots.duplicate({ id: snapshot.id, name, tag, note }),
    );
    if (!started) return;
    closeDialog();
    go({ page: 'snapshots' });
  };

  return (
    <Dialog
      title={`Duplicate ${titleOf(snapshot)}`}
      description="Creates a snapshot with the same contents. Both share their disk space, and either can be deleted."
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field
          label="Name"
          hint={`Lowercase, e.g. ${snapshot.name}-stable, or ${snapshot.name}:stable for a tagged version.`}
          error={nameError}
        >
          <input
            autoFocus
            className="mono"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <NoteField value={note} onChange={setNote} />
        {error && nameError === null && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={running || !name || issue !== null}>
            Duplicate
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
