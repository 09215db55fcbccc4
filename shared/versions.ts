import type { Snapshot } from './contract/snapshots';

/** All snapshots of one name. */
export interface SnapshotVersions {
  name: string;
  /** What stands for them: one in the making, else what the bare name means, the newest ready one. */
  head: Snapshot;
  /** Newest first, the head among them. */
  versions: Snapshot[];
}

/** Snapshots by name, in the order in which the names first occur. */
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
  const isMade = versions.find(({ status }) => status === 'building');
  const head = isMade ?? versions.find(({ status }) => status === 'ready') ?? versions[0];
  if (!head) throw new RangeError('A name without a snapshot.');
  return head;
}
