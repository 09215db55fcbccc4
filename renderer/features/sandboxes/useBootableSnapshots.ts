import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { useSnapshots } from '../../stores/snapshots';

/** Snapshots offered at most: longer lists slow the dialog down. */
const MAX_OFFERED = 200;

/** Snapshots to boot from: the preselected one, then the newest. `isTruncated`: there are more. */
export function useBootableSnapshots(preselectedId: string | null): {
  offered: Snapshot[];
  isTruncated: boolean;
} {
  const items = useSnapshots((state) => state.items);
  return useMemo(() => {
    const rank = ({ id, createdAt }: Snapshot) => (id === preselectedId ? Infinity : createdAt);
    const ready = items.filter(({ status }) => status === 'ready');
    ready.sort((a, b) => rank(b) - rank(a));
    return { offered: ready.slice(0, MAX_OFFERED), isTruncated: ready.length > MAX_OFFERED };
  }, [items, preselectedId]);
}
