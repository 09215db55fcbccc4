import type { Snapshot } from '#shared/contract/snapshots';
import { useSnapshots } from '../../stores/snapshots';
import { titlesAmong } from './describeSnapshot';

/** Title functions by list, built once per list rather than once per row. */
const titlesOf = new WeakMap<readonly Snapshot[], (snapshot: Snapshot) => string>();

/** Returns a function that titles snapshots in lists that may contain several versions of a name. */
export function useSnapshotTitles(): (snapshot: Snapshot) => string {
  const items = useSnapshots((state) => state.items);
  const titleOf = titlesOf.get(items) ?? titlesAmong(items);
  titlesOf.set(items, titleOf);
  return titleOf;
}
