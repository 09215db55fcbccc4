import { type FormEvent, useState } from 'react';
import { snapshotNameSchema } from '#shared/names';
import { operations } from '../../api/operations';
import { go, useCloseDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/Field';
import { firstIssue } from '../../ui/firstIssue';
import { useOperation } from '../../ui/useOperation';

const GIB = 1024 ** 3;

/** Asks what to build a snapshot from; the card in the gallery shows the rest. */
export function NewSnapshotDialog() {
  const closeDialog = useCloseDialog();
  const [name, setName] = useState('');
  const [image, setImage] = useState('');
  const [capacityGib, setCapacityGib] = useState('');
  const [note, setNote] = useState('');
  const { running, error, run } = useOperation();
  const nameIssue = name === '' ? null : firstIssue(snapshotNameSchema, name);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const started = await run(() =>
      operations.snapshots.create({
        name,
        image,
        note: note || undefined,
        fsCapacityBytes: capacityGib ? Math.round(Number(capacityGib) * GIB) : undefined,
      }),
    );
    if (!started) return;
    closeDialog();
    go({ page: 'snapshots' });
  };

  return (
    <Dialog
      title="New snapshot"
      description="Builds a filesystem that sandboxes boot from. An image that is not here yet is pulled."
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field
          label="Name"
          hint="Lowercase, e.g. python or team/ml. A name that is there gets a new version."
          error={nameIssue ?? (error?.field === 'name' ? error.message : null)}
        >
          <input className="mono" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field
          label="Image"
          hint="As for docker run, e.g. python:3.12-slim."
          error={error?.field === 'image' ? error.message : null}
        >
          <input
            className="mono"
            value={image}
            spellCheck={false}
            onChange={(event) => setImage(event.target.value)}
          />
        </Field>
        <div className="field-row">
          <Field
            label="Capacity (GiB)"
            hint="Optional."
            error={error?.field === 'fsCapacityBytes' ? error.message : null}
          >
            <input
              type="number"
              min="0.0625"
              step="any"
              value={capacityGib}
              onChange={(event) => setCapacityGib(event.target.value)}
            />
          </Field>
          <Field label="Note" hint="Optional.">
            <input value={note} onChange={(event) => setNote(event.target.value)} />
          </Field>
        </div>
        {error && !error.field && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabled={running || !name || !image || nameIssue !== null}
          >
            Create snapshot
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
