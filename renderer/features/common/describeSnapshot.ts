import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes, formatCount } from '#shared/format';
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

/** What tells a version from others of its name: its tag, else the beginning of its id. */
export function versionMark({ id, tag }: Snapshot): string {
  return tag ?? id.slice(0, 8);
}

/** What each of all snapshots is called, so that no two versions of a name are called alike. */
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

/** All of it, and the part that deleting it frees. */
export function sizeText({ sizeBytes, uniqueBytes }: Snapshot): string | null {
  if (sizeBytes === null) return null;
  const unique = uniqueBytes === null ? '' : `, ${formatBytes(uniqueBytes)} unique`;
  return `${formatBytes(sizeBytes)}${unique}`;
}

/** What a card is called: a tag is of one version only. */
export function versionsTitle({ name, head, versions }: SnapshotVersions): string {
  return versions.length === 1 ? snapshotTitle(head) : name;
}

export function versionCountText({ versions }: SnapshotVersions): string | null {
  return versions.length === 1 ? null : `${formatCount(versions.length)} versions`;
}

/** The sandboxes that boot from any of them. */
export function sandboxCountOf({ versions }: SnapshotVersions): number {
  return versions.reduce((sum, { sandboxCount }) => sum + sandboxCount, 0);
}

export function sandboxCountText(count: number): string {
  return count === 1 ? '1 sandbox' : `${formatCount(count)} sandboxes`;
}
