import type { Snapshot } from './contract/snapshots';

/** All snapshots with one name. */
export interface SnapshotVersions {
  name: string;
  /** Representative: a version in the making, else the newest ready one. */
  head: Snapshot;
  /** Newest first, including the head. */
  versions: Snapshot[];
}

/** Groups snapshots by name, ordered by first occurrence. */
export function groupVersions(snapshots: readonly Snapshot[]): SnapshotVersions[] {
  const byName = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const versions = byName.get(snapshot.name);
    if (versions) versions.push(snapshot);
    else byName.set(snapshot.name, [snapshot]);
  }
  return [...byName].map(([name, found]) => {
    const versions = found.sort((a, b) => b.createdAt - a.createdAt);
    return { name, head: headOf(versions), versions };
  });
}

function headOf(versions: Snapshot[]): Snapshot {
  const building = versions.find(({ status }) => status === 'building');
  const head = building ?? versions.find(({ status }) => status === 'ready') ?? versions[0];
  if (!head) throw new RangeError('No snapshots for this name.');
  return head;
}
