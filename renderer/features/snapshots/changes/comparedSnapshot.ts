import type { Snapshot } from '#shared/contract/snapshots';

/** What a snapshot is compared with, and why it is not its parent. */
export interface Compared {
  other: Snapshot | null;
  /** True when the snapshot that it was captured from has been deleted. */
  isParentDeleted: boolean;
}

/** The chosen one while it is there; else the parent, else the version of its name before it. */
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

/** Whom it may be compared with, the nearest first: its parent, its name's versions, the newest. */
export function candidates(snapshot: Snapshot, snapshots: readonly Snapshot[]): Snapshot[] {
  const rank = (item: Snapshot) =>
    item.id === snapshot.parentSnapshotId ? 0 : item.name === snapshot.name ? 1 : 2;
  return snapshots
    .filter(({ id, status }) => id !== snapshot.id && status === 'ready')
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
}
