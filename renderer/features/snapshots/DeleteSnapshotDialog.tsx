import { formatBytes } from '#shared/format';
import { operations } from '../../api/operations';
import { openSandbox, selectSnapshot, useCloseDialog } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshot } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';
import { snapshotTitle } from './describeSnapshot';

/** Asks before a snapshot goes; names the sandboxes that still need it. */
export function DeleteSnapshotDialog({ snapshotId }: { snapshotId: string }) {
  const closeDialog = useCloseDialog();
  const snapshot = useSnapshot(snapshotId);
  const sandboxes = useSandboxes(({ items }) => items);
  const { running, error, run } = useOperation();
  if (!snapshot) return null;
  const users = sandboxes.filter((sandbox) => sandbox.snapshotId === snapshotId);

  const remove = async () => {
    if (!(await run(() => operations.snapshots.delete({ id: snapshotId })))) return;
    closeDialog();
    selectSnapshot(null);
  };

  return (
    <Dialog
      title={`Delete ${snapshotTitle(snapshot)}`}
      description={
        users.length > 0
          ? 'These sandboxes boot from it. Delete them first:'
          : `Its image${snapshot.sizeBytes ? ` (${formatBytes(snapshot.sizeBytes)}, part of it perhaps shared)` : ''} is removed from Docker. Snapshots captured from it stay.`
      }
      onClose={closeDialog}
    >
      {users.length > 0 && (
        <ul>
          {users.map(({ id, name }) => (
            <li key={id}>
              <button
                type="button"
                className="link mono"
                onClick={() => {
                  closeDialog();
                  openSandbox(id);
                }}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button autoFocus onClick={closeDialog}>
          Cancel
        </Button>
        <Button look="danger" disabled={running || users.length > 0} onClick={() => void remove()}>
          Delete snapshot
        </Button>
      </DialogActions>
    </Dialog>
  );
}
