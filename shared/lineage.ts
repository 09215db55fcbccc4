import type { Snapshot } from './contract/snapshots';

/** Which snapshot comes from which. Keys are ids of snapshots, deleted ones included, or of images. */
export interface Lineage {
  readonly byId: ReadonlyMap<string, Snapshot>;
  /** What a snapshot comes from, by its id; one without an entry begins a family. */
  readonly parentKeys: ReadonlyMap<string, string>;
  /** What comes from an image or a snapshot, newest first. */
  readonly children: ReadonlyMap<string, readonly Snapshot[]>;
  /** Where a snapshot stands among those of its name, oldest first, by its id. */
  readonly versions: ReadonlyMap<string, SnapshotVersion>;
}

export interface SnapshotVersion {
  /** From 1. */
  number: number;
  of: number;
}

/** All that comes from one image, or from one snapshot whose own origin is not known. */
export interface Family {
  key: string;
  /** The image's reference, or the name of the snapshot; null: that was deleted. */
  title: string | null;
}

const imagePrefix = 'image ';

/** The image that a key stands for; null for a key of a snapshot. */
export function imageOfKey(key: string): string | null {
  return key.startsWith(imagePrefix) ? key.slice(imagePrefix.length) : null;
}

/** Reads who descends from whom; a damaged catalog's circle begins with its oldest snapshot. */
export function readLineage(snapshots: readonly Snapshot[]): Lineage {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const parentKeys = new Map<string, string>();
  for (const { id, parentSnapshotId, image } of snapshots) {
    const key = parentSnapshotId ?? (image === null ? null : imagePrefix + image);
    if (key !== null) parentKeys.set(id, key);
  }
  breakCircles(byId, parentKeys);
  const newestFirst = [...snapshots].sort(compareAge).reverse();
  const children = groupBy(
    newestFirst.filter(({ id }) => parentKeys.has(id)),
    ({ id }) => parentKeys.get(id) ?? '',
  );
  return { byId, parentKeys, children, versions: numberVersions(newestFirst) };
}

/** The family of each snapshot, by its id. */
export function familiesOf(snapshots: readonly Snapshot[]): Map<string, Family> {
  const { byId, parentKeys } = readLineage(snapshots);
  const families = new Map<string, Family>();
  for (const { id } of snapshots) {
    const path = [id];
    let at: string | undefined = id;
    while (at !== undefined && !families.has(at)) {
      at = parentKeys.get(at);
      if (at !== undefined) path.push(at);
    }
    const root = path.at(-1) ?? id;
    const family = families.get(root) ?? {
      key: root,
      title: imageOfKey(root) ?? byId.get(root)?.name ?? null,
    };
    for (const key of path) families.set(key, family);
  }
  return families;
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

function breakCircles(byId: ReadonlyMap<string, Snapshot>, parentKeys: Map<string, string>): void {
  const settled = new Set<string>();
  for (const id of byId.keys()) {
    const walked = new Set<string>();
    let at: string | undefined = id;
    while (at !== undefined && !settled.has(at) && !walked.has(at)) {
      walked.add(at);
      at = parentKeys.get(at);
    }
    if (at !== undefined && walked.has(at)) {
      const path = [...walked];
      const circle = path.slice(path.indexOf(at)).flatMap((key) => byId.get(key) ?? []);
      const oldest = circle.sort(compareAge)[0];
      if (oldest) parentKeys.delete(oldest.id);
    }
    for (const key of walked) settled.add(key);
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
