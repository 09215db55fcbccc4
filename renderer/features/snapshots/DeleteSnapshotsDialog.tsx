import { useState } from 'react';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import { toSandglassError } from '#shared/errors';
import { formatBytes, formatCount } from '#shared/format';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { openSandbox, selectSnapshot, useCloseDialog, useRoute } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';
import { titlesAmong } from '../common/describeSnapshot';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { useFreedBytes } from './useFreedBytes';
import './DeleteSnapshotsDialog.css';

/** Snapshots listed by name at most. */
const MAX_LISTED = 100;

/** Confirms deleting snapshots. Snapshots used by sandboxes are listed and kept. */
export function DeleteSnapshotsDialog({ snapshotIds }: { snapshotIds: string[] }) {
  const closeDialog = useCloseDialog();
  const items = useSnapshots((state) => state.items);
  const sandboxes = useSandboxes((state) => state.items);
  // Captured once: the list must not shrink while the dialog deletes snapshots.
  const [requested] = useState(() => {
    const ids = new Set(snapshotIds);
    return items.filter(({ id }) => ids.has(id));
  });
  // Titles are captured too, as they depend on the other snapshots.
  const [titleOf] = useState(() => titlesAmong(items));
  const [done, setDone] = useState(0);
  const { running, error, run } = useOperation();
  const ready = useEngineReady();
  const usersOf = (snapshot: Snapshot) =>
    sandboxes.filter(({ snapshotId }) => snapshotId === snapshot.id);
  const used = new Set(sandboxes.map(({ snapshotId }) => snapshotId));
  const inUse = requested.filter(({ id }) => used.has(id));
  const free = requested.filter(({ id }) => !used.has(id));
  const freed = useFreedBytes(free);
  const count = formatCount(free.length);
  const [only] = requested;
  if (!only) return null;

  const remove = async () => {
    const removed = await run(() => deleteEach(free, setDone));
    if (!removed) return;
    closeDialog();
  };

  return (
    <Dialog
      title={requested.length === 1 ? `Delete ${titleOf(only)}` : `Delete ${count} snapshots`}
      description={free.length === 0 ? null : effectText(free, freed)}
      onClose={closeDialog}
    >
      {free.length > 0 && requested.length > 1 && (
        <ul className="delete-list mono" aria-label="To be deleted">
          {free.slice(0, MAX_LISTED).map((snapshot) => (
            <li key={snapshot.id}>{titleOf(snapshot)}</li>
          ))}
          {free.length > MAX_LISTED && <li>and {formatCount(free.length - MAX_LISTED)} more</li>}
        </ul>
      )}
      {inUse.length > 0 && (
        <div className="delete-in-use">
          <p>
            {requested.length === 1
              ? inUseText(usersOf(only).length)
              : `${inUse.length === 1 ? '1 snapshot is' : `${formatCount(inUse.length)} snapshots are`} kept because sandboxes use ${inUse.length === 1 ? 'it' : 'them'}:`}
          </p>
          <ul className="delete-list">
            {inUse.map((snapshot) => (
              <UsedSnapshot
                key={snapshot.id}
                snapshot={requested.length === 1 ? null : snapshot}
                users={usersOf(snapshot)}
                onLeave={closeDialog}
              />
            ))}
          </ul>
        </div>
      )}
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button autoFocus onClick={closeDialog}>
          Cancel
        </Button>
        <Button
          variant="danger"
          disabled={running || !ready || free.length === 0}
          onClick={() => void remove()}
        >
          {running && free.length > 1 && `Deleting ${formatCount(done + 1)} of ${count}…`}
          {!(running && free.length > 1) &&
            (requested.length === 1 ? 'Delete snapshot' : `Delete ${count} snapshots`)}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function inUseText(count: number): string {
  return count === 1
    ? 'A sandbox uses this snapshot. Delete it first:'
    : `${formatCount(count)} sandboxes use this snapshot. Delete them first:`;
}

function effectText(snapshots: Snapshot[], freedBytes: number | null): string {
  const frees = freedBytes === null ? '' : ` This frees ${formatBytes(freedBytes)}.`;
  const goes =
    snapshots.length === 1
      ? 'Its image is removed from Docker. Snapshots captured from it are kept.'
      : 'Their images are removed from Docker. Snapshots captured from them are kept.';
  return goes + frees;
}
interface UsedSnapshotProps {
  /** Null if the dialog is about this snapshot only. */
  snapshot: Snapshot | null;
  users: Sandbox[];
  onLeave: () => void;
}

function UsedSnapshot({ snapshot, users, onLeave }: UsedSnapshotProps) {
  const titleOf = useSnapshotTitles();
  return (
    <li>
      {snapshot && <span className="mono">{titleOf(snapshot)}: </span>}
      {users.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <button
            type="button"
            className="link mono"
            onClick={() => {
              onLeave();
              openSandbox(id);
            }}
          >
            {name}
          </button>
        </span>
      ))}
    </li>
  );
}

/**
 * Deletes snapshots one by one, continuing after failures.
 *
 * @throws the first failure, after all have been tried
 */
async function deleteEach(snapshots: Snapshot[], onDone: (count: number) => void): Promise<void> {
  const failures: unknown[] = [];
  for (const [index, { id }] of snapshots.entries()) {
    try {
      await operations.snapshots.delete({ id });
      if (useRoute.getState().selectedSnapshotId === id) selectSnapshot(null);
    } catch (thrown) {
      // Already deleted.
      if (toSandglassError(thrown).code !== 'not_found') failures.push(thrown);
    }
    onDone(index + 1);
  }
  if (failures.length > 0) throw failures[0];
}
