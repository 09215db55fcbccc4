import type { Snapshot } from './contract/snapshots';

/** Lineage of snapshots. Keys are ids of snapshots, including deleted ones, or of images. */
export interface Lineage {
  readonly byId: ReadonlyMap<string, Snapshot>;
  /** Names of deleted snapshots by id. */
  readonly deletedNames: ReadonlyMap<string, string>;
  /** Parent key by id. A snapshot without an entry is the root of a lineage. */
  readonly parentKeys: ReadonlyMap<string, string>;
  /** Keys of the children of an image or snapshot, newest first. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Version of a snapshot among those with the same name, oldest first, by id. */
  readonly versions: ReadonlyMap<string, SnapshotVersion>;
}

export interface SnapshotVersion {
  /** Starts at 1. */
  number: number;
  of: number;
}

const imagePrefix = 'image ';

/** Image of a key; null for a snapshot's key. */
export function imageOfKey(key: string): string | null {
  return key.startsWith(imagePrefix) ? key.slice(imagePrefix.length) : null;
}

/** Builds the lineage. A cyclic parent chain (corrupt data) is cut at its oldest member. */
export function readLineage(snapshots: readonly Snapshot[]): Lineage {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const parentKeys = new Map<string, string>();
  const deletedNames = new Map<string, string>();
  const newestFirst = [...snapshots].sort(compareAge).reverse();
  /** Ordered by the newest descendant. */
  const keys = new Set<string>();
  for (const { id, parentSnapshotId, image, ancestors } of newestFirst) {
    keys.add(id);
    const key = parentSnapshotId ?? (image === null ? null : imagePrefix + image);
    if (key !== null) parentKeys.set(id, key);
    for (const [index, ancestor] of ancestors.entries()) {
      if (byId.has(ancestor.id)) continue;
      keys.add(ancestor.id);
      deletedNames.set(ancestor.id, ancestor.name);
      const next = ancestors[index + 1];
      if (next && !parentKeys.has(ancestor.id)) parentKeys.set(ancestor.id, next.id);
    }
  }
  breakCycles([...keys].reverse(), parentKeys);
  const children = groupBy(
    [...keys].filter((key) => parentKeys.has(key)),
    (key) => parentKeys.get(key) ?? '',
  );
  return { byId, deletedNames, parentKeys, children, versions: numberVersions(newestFirst) };
}

/** Keys from the root to the snapshot itself. */
export function ancestryOf(snapshotId: string, { parentKeys }: Lineage): string[] {
  const path: string[] = [];
  for (let at: string | undefined = snapshotId; at !== undefined; at = parentKeys.get(at)) {
    path.push(at);
  }
  return path.reverse();
}

function compareAge(a: Snapshot, b: Snapshot): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** @param keys oldest first */
function breakCycles(keys: readonly string[], parentKeys: Map<string, string>): void {
  const visited = new Set<string>();
  for (const key of keys) {
    const chain = new Set<string>();
    let at: string | undefined = key;
    while (at !== undefined && !visited.has(at) && !chain.has(at)) {
      chain.add(at);
      at = parentKeys.get(at);
    }
    if (at !== undefined && chain.has(at)) {
      const members = [...chain];
      const cycle = new Set(members.slice(members.indexOf(at)));
      parentKeys.delete(keys.find((member) => cycle.has(member)) ?? at);
    }
    for (const member of chain) visited.add(member);
  }
}

function numberVersions(newestFirst: readonly Snapshot[]): Map<string, SnapshotVersion> {
  const versions = new Map<string, SnapshotVersion>();
  for (const ofName of groupBy(newestFirst, ({ name }) => name).values()) {
    for (const [index, { id }] of ofName.entries()) {
      versions.set(id, { number: ofName.length - index, of: ofName.length });
    }
  }
  return versions;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
