import { GitCompareArrows, Layers } from 'lucide-react';
import { useMemo } from 'react';
import { go, openDialog, selectSnapshot } from '../../stores/route';
import { useSnapshots } from '../../stores/snapshots';
import { SnapshotTitle } from '../snapshots/SnapshotTitle';
import { useSnapshotTitles } from '../snapshots/useSnapshotTitles';
import type { PaletteGroup } from './entries';

/** Opens the details of each snapshot. */
export function useSnapshotEntries(): PaletteGroup {
  const snapshots = useSnapshots(({ items }) => items);
  const titleOf = useSnapshotTitles();
  return useMemo(
    () => ({
      heading: 'Snapshots',
      entries: snapshots.map((snapshot) => {
        const { id, name, tag } = snapshot;
        const title = titleOf(snapshot);
        return {
          ...{ id: `snapshot ${id}`, icon: Layers, text: title },
          keywords: `${name} ${tag ?? ''} open snapshot`,
          pasted: id,
          label: <SnapshotTitle title={title} />,
          run: () => {
            go({ page: 'snapshots' });
            selectSnapshot(id);
          },
        };
      }),
    }),
    [snapshots, titleOf],
  );
}

/** One for each snapshot: they come when they are meant. */
export function useCompareEntries(search: string): PaletteGroup {
  const isMeant = /^\s*co(m|$)/i.test(search);
  const snapshots = useSnapshots(({ items }) => items);
  const titleOf = useSnapshotTitles();
  return useMemo(
    () => ({
      heading: 'Compare',
      entries: (isMeant && snapshots.length > 1 ? snapshots : [])
        .filter(({ status }) => status === 'ready')
        .map((snapshot) => ({
          ...{ id: `compare ${snapshot.id}`, icon: GitCompareArrows },
          text: `Compare ${titleOf(snapshot)} with…`,
          keywords: `${snapshot.name} ${snapshot.tag ?? ''}`,
          run: () => openDialog({ kind: 'compare', snapshotId: snapshot.id }),
        })),
    }),
    [isMeant, snapshots, titleOf],
  );
}
