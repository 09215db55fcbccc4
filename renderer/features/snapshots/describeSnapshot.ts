import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { groupVersions, type SnapshotVersions } from '#shared/versions';

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

const comparisons: Record<SnapshotSort, (a: SnapshotVersions, b: SnapshotVersions) => number> = {
  newest: (a, b) => b.head.createdAt - a.head.createdAt,
  name: (a, b) => a.name.localeCompare(b.name),
  size: (a, b) => (b.head.sizeBytes ?? 0) - (a.head.sizeBytes ?? 0),
};

/** What the gallery shows: the names of which a version has the text in its name or origin, in order. */
export function arrange(
  snapshots: readonly Snapshot[],
  filter: string,
  sort: SnapshotSort,
): SnapshotVersions[] {
  const needle = filter.trim().toLowerCase();
  const matches = (snapshot: Snapshot) =>
    `${snapshotTitle(snapshot)} ${originText(snapshot)}`.toLowerCase().includes(needle);
  return groupVersions(snapshots)
    .filter(({ versions }) => versions.some(matches))
    .sort(comparisons[sort]);
}

/** What a card is called: a tag is of one version only. */
export function versionsTitle({ name, head, versions }: SnapshotVersions): string {
  return versions.length === 1 ? snapshotTitle(head) : name;
}

export function versionCountText({ versions }: SnapshotVersions): string | null {
  return versions.length === 1 ? null : `${versions.length} versions`;
}
