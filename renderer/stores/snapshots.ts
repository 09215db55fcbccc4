import type { Snapshot } from '#shared/contract/snapshots';
import { createCollection } from './collection';

export const useSnapshots = createCollection<Snapshot>();

/** Index by id, built once per list. */
const byId = new WeakMap<readonly Snapshot[], ReadonlyMap<string, Snapshot>>();

export function useSnapshot(id: string | null): Snapshot | null {
  return useSnapshots(({ items }) => (id === null ? null : (indexOf(items).get(id) ?? null)));
}

function indexOf(items: readonly Snapshot[]): ReadonlyMap<string, Snapshot> {
  const existing = byId.get(items);
  if (existing) return existing;
  const index = new Map(items.map((item) => [item.id, item]));
  byId.set(items, index);
  return index;
}
