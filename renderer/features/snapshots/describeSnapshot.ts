import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';

/** Where it came from, in a few words. */
export function originText(snapshot: Snapshot): string {
  return snapshot.sourceSandboxName
    ? `captured from ${snapshot.sourceSandboxName}`
    : (snapshot.image ?? 'from a Dockerfile or a file');
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

/** What a card is called: a tag is of one version only. */
export function versionsTitle({ name, head, versions }: SnapshotVersions): string {
  return versions.length === 1 ? snapshotTitle(head) : name;
}

export function versionCountText({ versions }: SnapshotVersions): string | null {
  return versions.length === 1 ? null : `${versions.length} versions`;
}
