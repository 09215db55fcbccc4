import { useCommandState } from 'cmdk';
import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { useSnapshots } from '../../stores/snapshots';
import { snapshotTitle } from '../snapshots/describeSnapshot';
import { rank } from './rank';

/** The palette is made anew with each key: it is not for thousands. */
const MOST = 50;

/** The first snapshots that the palette's words find behind such a word, with the text that they are found by. */
export function useFoundSnapshots(word: string): Array<{ snapshot: Snapshot; value: string }> {
  const all = useSnapshots(({ items }) => items);
  const search = useCommandState((state) => state.search);
  return useMemo(() => {
    const found: Array<{ snapshot: Snapshot; value: string }> = [];
    for (const snapshot of all) {
      if (found.length === MOST) break;
      const { name, tag, id } = snapshot;
      const value = `${word} ${snapshotTitle(snapshot)} ${name} ${tag ?? ''} with ${id}`;
      if (search.trim() === '' || rank(value, search) > 0) found.push({ snapshot, value });
    }
    return found;
  }, [all, search, word]);
}
