import type { Snapshot } from './contract/snapshots';

/** Which snapshot comes from which. Keys are ids of snapshots, deleted ones included, or of images. */
export interface Lineage {
  readonly byId: ReadonlyMap<string, Snapshot>;
  /** What snapshots that are no more were called, by their ids. */
  readonly deletedNames: ReadonlyMap<string, string>;
  /** What a snapshot comes from, by its id; one without an entry begins a family. */
  readonly parentKeys: ReadonlyMap<string, string>;
  /** The keys of what comes from an image or a snapshot, newest first. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Where a snapshot stands among those of its name, oldest first, by its id. */
  readonly versions: ReadonlyMap<string, SnapshotVersion>;
}

export interface SnapshotVersion {
  /** From 1. */
  number: number;
  of: number;
}

const imagePrefix = 'image ';

/** The image that a key stands for; null for a key of a snapshot. */
export function imageOfKey(key: string): string | null {
  return key.startsWith(imagePrefix) ? key.slice(imagePrefix.length) : null;
}

/** Reads who descends from whom; a damaged catalog's circle begins with its oldest member. */
export function readLineage(snapshots: readonly Snapshot[]): Lineage {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const parentKeys = new Map<string, string>();
  const deletedNames = new Map<string, string>();
  const newestFirst = [...snapshots].sort(compareAge).reverse();
  /** In the order of the newest that comes from each. */
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
  breakCircles([...keys].reverse(), parentKeys);
  const children = groupBy(
    [...keys].filter((key) => parentKeys.has(key)),
    (key) => parentKeys.get(key) ?? '',
  );
  return { byId, deletedNames, parentKeys, children, versions: numberVersions(newestFirst) };
}

/** From the origin to the snapshot itself. */
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
function breakCircles(keys: readonly string[], parentKeys: Map<string, string>): void {
  const settled = new Set<string>();
  for (const key of keys) {
    const walked = new Set<string>();
    let at: string | undefined = key;
    while (at !== undefined && !settled.has(at) && !walked.has(at)) {
      walked.add(at);
      at = parentKeys.get(at);
    }
    if (at !== undefined && walked.has(at)) {
      const path = [...walked];
      const circle = new Set(path.slice(path.indexOf(at)));
      parentKeys.delete(keys.find((member) => circle.has(member)) ?? at);
    }
    for (const one of walked) settled.add(one);
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
