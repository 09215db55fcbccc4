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

/** More are not read one by one. */
const MAX_LISTED = 100;

/** Asks before snapshots go; those that sandboxes boot from stay, and are named with them. */
export function DeleteSnapshotsDialog({ snapshotIds }: { snapshotIds: string[] }) {
  const closeDialog = useCloseDialog();
  const items = useSnapshots((state) => state.items);
  const sandboxes = useSandboxes((state) => state.items);
  // Those that are gone while the dialog deletes them have been asked about still.
  const [asked] = useState(() => {
    const wanted = new Set(snapshotIds);
    return items.filter(({ id }) => wanted.has(id));
  });
  // As they were called when they were asked about, too.
  const [titleOf] = useState(() => titlesAmong(items));
  const [done, setDone] = useState(0);
  const { running, error, run } = useOperation();
  const ready = useEngineReady();
  const usersOf = (snapshot: Snapshot) =>
    sandboxes.filter(({ snapshotId }) => snapshotId === snapshot.id);
  const used = new Set(sandboxes.map(({ snapshotId }) => snapshotId));
  const inUse = asked.filter(({ id }) => used.has(id));
  const free = asked.filter(({ id }) => !used.has(id));
  const freed = useFreedBytes(free);
  const count = formatCount(free.length);
  const [only] = asked;
  if (!only) return null;

  const remove = async () => {
    const removed = await run(() => deleteEach(free, setDone));
    if (!removed) return;
    closeDialog();
  };

  return (
    <Dialog
      title={asked.length === 1 ? `Delete ${titleOf(only)}` : `Delete ${count} snapshots`}
      description={free.length === 0 ? null : whatGoes(free, freed)}
      onClose={closeDialog}
    >
      {free.length > 0 && asked.length > 1 && (
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
            {asked.length === 1
              ? usersFirst(usersOf(only).length)
              : `${inUse.length === 1 ? 'One stays' : `${inUse.length} stay`}, because sandboxes boot from ${inUse.length === 1 ? 'it' : 'them'}:`}
          </p>
          <ul className="delete-list">
            {inUse.map((snapshot) => (
              <UsedSnapshot
                key={snapshot.id}
                snapshot={asked.length === 1 ? null : snapshot}
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
            (asked.length === 1 ? 'Delete snapshot' : `Delete ${count} snapshots`)}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function usersFirst(count: number): string {
  return count === 1
    ? 'A sandbox boots from it. Delete that first:'
    : `${formatCount(count)} sandboxes boot from it. Delete them first:`;
}

function whatGoes(snapshots: Snapshot[], freedBytes: number | null): string {
  const frees = freedBytes === null ? '' : ` This frees ${formatBytes(freedBytes)}.`;
  const goes =
    snapshots.length === 1
      ? 'Its image is removed from Docker. Snapshots captured from it stay.'
      : 'Their images are removed from Docker. Snapshots captured from them stay.';
  return goes + frees;
}
interface UsedSnapshotProps {
  /** Null where the dialog is about this one only. */
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
 * One after the other; what fails does not keep the rest from going.
 *
 * @throws the first failure, at the end
 */
async function deleteEach(snapshots: Snapshot[], onDone: (count: number) => void): Promise<void> {
  const failures: unknown[] = [];
  for (const [index, { id }] of snapshots.entries()) {
    try {
      await operations.snapshots.delete({ id });
      if (useRoute.getState().selectedSnapshotId === id) selectSnapshot(null);
    } catch (thrown) {
      // Gone already is as good.
      if (toSandglassError(thrown).code !== 'not_found') failures.push(thrown);
    }
    onDone(index + 1);
  }
  if (failures.length > 0) throw failures[0];
}
