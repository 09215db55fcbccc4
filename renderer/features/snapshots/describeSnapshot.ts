import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';

/** Where it came from, in a few words. */
export function originText(snapshot: Snapshot): string {
  return snapshot.sourceSandboxName
    ? `captured from ${snapshot.sourceSandboxName}`
    : (snapshot.image ?? 'unknown origin');
}

export function snapshotTitle({ name, tag }: Snapshot): string {
  return tag ? `${name}:${tag}` : name;
}

/** All of it, and the part that deleting it frees. */
export function sizeText({ sizeBytes, uniqueBytes }: Snapshot): string | null {
  if (sizeBytes === null) return null;
  const own = uniqueBytes === null ? '' : `, ${formatBytes(uniqueBytes)} of its own`;
  return `${formatBytes(sizeBytes)}${own}`;
}

export type SnapshotSort = 'newest' | 'name' | 'size';

const comparisons: Record<SnapshotSort, (a: Snapshot, b: Snapshot) => number> = {
  newest: (a, b) => b.createdAt - a.createdAt,
  name: (a, b) => a.name.localeCompare(b.name) || b.createdAt - a.createdAt,
  size: (a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0),
};

/** What the gallery shows: the snapshots whose name or origin has the text, in order. */
export function arrange(
  snapshots: readonly Snapshot[],
  filter: string,
  sort: SnapshotSort,
): Snapshot[] {
  const needle = filter.trim().toLowerCase();
  return snapshots
    .filter((snapshot) =>
      `${snapshotTitle(snapshot)} ${originText(snapshot)}`.toLowerCase().includes(needle),
    )
    .sort(comparisons[sort]);
}
