import type { Snapshot } from '#shared/contract/snapshots';

/** One layer of a snapshot's picture, from the oldest ancestor to the snapshot itself. */
export interface Stratum {
  id: string;
  name: string;
  /** What it added to the one below it, in bytes. */
  bytes: number;
  /** True for the snapshot's own addition. */
  own: boolean;
}

/** How a snapshot came to be, as layers: its ancestors' additions and its own on top. */
export function strataOf(snapshot: Snapshot, all: readonly Snapshot[]): Stratum[] {
  const byId = new Map(all.map((item) => [item.id, item]));
  const chain: Snapshot[] = [snapshot];
  for (let at = snapshot; at.parentSnapshotId !== null; ) {
    const parent = byId.get(at.parentSnapshotId);
    // A deleted ancestor ends the chain; a damaged catalog must not make it endless.
    if (!parent || chain.includes(parent)) break;
    chain.unshift(parent);
    at = parent;
  }
  return chain.map((item, index) => ({
    id: item.id,
    name: item.name,
    bytes: Math.max(0, (item.sizeBytes ?? 0) - (chain[index - 1]?.sizeBytes ?? 0)),
    own: item === snapshot,
  }));
}

/** The hue of a family: snapshots that descend from one image share it. 0 to 359 degrees. */
export function familyHue(snapshot: Snapshot, all: readonly Snapshot[]): number {
  const [root] = strataOf(snapshot, all);
  const origin = all.find(({ id }) => id === root?.id) ?? snapshot;
  const family = (origin.image ?? origin.name).replace(/[:@].*$/, '');
  let hash = 0;
  for (const character of family) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}
