import type { Snapshot } from '#shared/contract/snapshots';
import { useSnapshots } from '../../stores/snapshots';
import { titlesAmong } from './describeSnapshot';

/** Counted once for the same list: each line of a long one asks. */
const titlesOf = new WeakMap<readonly Snapshot[], (snapshot: Snapshot) => string>();

/** What each snapshot is called where versions of one name stand beside each other. */
export function useSnapshotTitles(): (snapshot: Snapshot) => string {
  const items = useSnapshots((state) => state.items);
  const titleOf = titlesOf.get(items) ?? titlesAmong(items);
  titlesOf.set(items, titleOf);
  return titleOf;
}
