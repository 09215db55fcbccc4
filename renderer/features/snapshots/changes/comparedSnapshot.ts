import type { Snapshot } from '#shared/contract/snapshots';

/** Snapshot to compare with. */
export interface Compared {
  other: Snapshot | null;
  /** Whether the parent has been deleted. */
  isParentDeleted: boolean;
}

/** Returns the chosen snapshot if it exists, else the parent, else the previous version of the name. */
export function comparedSnapshot(
  snapshot: Snapshot,
  snapshots: readonly Snapshot[],
  chosenId: string | null,
): Compared {
  const find = (id: string | null) => snapshots.find((item) => item.id === id) ?? null;
  const parent = find(snapshot.parentSnapshotId);
  const isParentDeleted = snapshot.parentSnapshotId !== null && !parent;
  return {
    other: find(chosenId) ?? parent ?? previousVersion(snapshot, snapshots),
    isParentDeleted,
  };
}

function previousVersion(snapshot: Snapshot, snapshots: readonly Snapshot[]): Snapshot | null {
  const older = snapshots.filter(
    ({ name, status, createdAt }) =>
      name === snapshot.name && status === 'ready' && createdAt < snapshot.createdAt,
  );
  return older.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
}

/** Snapshots to compare with: the parent, then versions of the same name, then others, newest first. */
export function candidates(snapshot: Snapshot, snapshots: readonly Snapshot[]): Snapshot[] {
  const rank = (item: Snapshot) =>
    item.id === snapshot.parentSnapshotId ? 0 : item.name === snapshot.name ? 1 : 2;
  return snapshots
    .filter(({ id, status }) => id !== snapshot.id && status === 'ready')
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
}
