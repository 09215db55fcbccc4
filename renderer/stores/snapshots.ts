import type { Snapshot } from '#shared/contract/snapshots';
import { createCollection } from './collection';

export const useSnapshots = createCollection<Snapshot>();

export function useSnapshot(id: string | null): Snapshot | null {
  return useSnapshots(({ items }) => items.find((item) => item.id === id) ?? null);
}
