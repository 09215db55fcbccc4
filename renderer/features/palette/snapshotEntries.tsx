import { CopyPlus, GitCompareArrows, Layers } from 'lucide-react';
import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { go, openDialog, selectSnapshot } from '../../stores/route';
import { useSnapshots } from '../../stores/snapshots';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import type { PaletteEntry, PaletteGroup } from './entries';

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

/** Two letters of a word mean it, unless the third is another's. */
function isMeant(word: string, search: string): boolean {
  const typed = search.trimStart().toLowerCase().slice(0, 3).trimEnd();
  return typed.length >= 2 && word.startsWith(typed);
}

/** One for each snapshot: they come when they are meant. */
function useEntriesOf(
  heading: string,
  isShown: boolean,
  entryOf: (snapshot: Snapshot, title: string) => Pick<PaletteEntry, 'icon' | 'text' | 'run'>,
): PaletteGroup {
  const snapshots = useSnapshots(({ items }) => items);
  const titleOf = useSnapshotTitles();
  return useMemo(
    () => ({
      heading,
      entries: (isShown ? snapshots : [])
        .filter(({ status }) => status === 'ready')
        .map((snapshot) => ({
          ...entryOf(snapshot, titleOf(snapshot)),
          id: `${heading} ${snapshot.id}`,
          keywords: `${snapshot.name} ${snapshot.tag ?? ''}`,
        })),
    }),
    [heading, isShown, snapshots, titleOf, entryOf],
  );
}

export function useCompareEntries(search: string): PaletteGroup {
  const count = useSnapshots(({ items }) => items.length);
  return useEntriesOf('Compare', count > 1 && isMeant('compare', search), compareEntry);
}

function compareEntry({ id }: Snapshot, title: string) {
  return {
    ...{ icon: GitCompareArrows, text: `Compare ${title} with…` },
    run: () => openDialog({ kind: 'compare', snapshotId: id }),
  };
}

export function useDuplicateEntries(search: string): PaletteGroup {
  return useEntriesOf('Duplicate', isMeant('duplicate', search), duplicateEntry);
}

function duplicateEntry({ id }: Snapshot, title: string) {
  return {
    ...{ icon: CopyPlus, text: `Duplicate ${title}…` },
    run: () => openDialog({ kind: 'duplicate-snapshot', snapshotId: id }),
  };
}
