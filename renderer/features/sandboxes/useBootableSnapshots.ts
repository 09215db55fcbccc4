import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { useSnapshots } from '../../stores/snapshots';

/** A list that nobody reads to its end only makes a dialog slow. */
const MAX_OFFERED = 200;

/** What a sandbox can boot from: the wanted one, then the newest. `isCut`: there are more. */
export function useBootableSnapshots(wantedId: string | null): {
  offered: Snapshot[];
  isCut: boolean;
} {
  const items = useSnapshots((state) => state.items);
  return useMemo(() => {
    const rank = ({ id, createdAt }: Snapshot) => (id === wantedId ? Infinity : createdAt);
    const ready = items.filter(({ status }) => status === 'ready');
    ready.sort((a, b) => rank(b) - rank(a));
    return { offered: ready.slice(0, MAX_OFFERED), isCut: ready.length > MAX_OFFERED };
  }, [items, wantedId]);
}
