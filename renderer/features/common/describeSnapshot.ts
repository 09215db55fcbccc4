import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes, formatCount } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';

/** Origin of a snapshot. */
export function originText(snapshot: Snapshot): string {
  return snapshot.sourceSandboxName
    ? `captured from ${snapshot.sourceSandboxName}`
    : (snapshot.image ?? 'from a Dockerfile or a file');
}

export function snapshotTitle({ name, tag }: Snapshot): string {
  return tag ? `${name}:${tag}` : name;
}

/** Mark that distinguishes versions of a name: the tag or the start of the id. */
export function versionMark({ id, tag }: Snapshot): string {
  return tag ?? id.slice(0, 8);
}

/** Returns a function that titles snapshots such that no two versions of a name have the same title. */
export function titlesAmong(all: readonly Snapshot[]): (snapshot: Snapshot) => string {
  const untagged = new Map<string, number>();
  for (const { name, tag } of all) {
    if (tag === null) untagged.set(name, (untagged.get(name) ?? 0) + 1);
  }
  return (snapshot) => {
    const isOneOfMany = snapshot.tag === null && (untagged.get(snapshot.name) ?? 0) > 1;
    return isOneOfMany ? `${snapshot.name} ${versionMark(snapshot)}` : snapshotTitle(snapshot);
  };
}

/** Total size, and the unique size that deleting the snapshot frees. */
export function sizeText({ sizeBytes, uniqueBytes }: Snapshot): string | null {
  if (sizeBytes === null) return null;
  const unique = uniqueBytes === null ? '' : `, ${formatBytes(uniqueBytes)} unique`;
  return `${formatBytes(sizeBytes)}${unique}`;
}

/** Title of a card. Tags are omitted if it stands for several versions. */
export function versionsTitle({ name, head, versions }: SnapshotVersions): string {
  return versions.length === 1 ? snapshotTitle(head) : name;
}

export function versionCountText({ versions }: SnapshotVersions): string | null {
  return versions.length === 1 ? null : `${formatCount(versions.length)} versions`;
}

/** Number of sandboxes that use any of the versions. */
export function sandboxCountOf({ versions }: SnapshotVersions): number {
  return versions.reduce((sum, { sandboxCount }) => sum + sandboxCount, 0);
}

export function sandboxCountText(count: number): string {
  return count === 1 ? '1 sandbox' : `${formatCount(count)} sandboxes`;
}
