import { CopyPlus, GitCompareArrows, Layers } from 'lucide-react';
import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { go, openDialog, selectSnapshot } from '../../stores/route';
import { useSnapshots } from '../../stores/snapshots';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import type { PaletteEntry, PaletteGroup } from './entries';

/** Entries that open the details of each snapshot. */
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
          pasteableId: id,
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

/** Whether a search starts with two or three letters of a word. */
function matchesWord(word: string, search: string): boolean {
  const typed = search.trimStart().toLowerCase().slice(0, 3).trimEnd();
  return typed.length >= 2 && word.startsWith(typed);
}

/** One entry per snapshot, listed only if the search asks for its action. */
function useActionPerSnapshot(
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
  return useActionPerSnapshot('Compare', count > 1 && matchesWord('compare', search), compareEntry);
}

function compareEntry({ id }: Snapshot, title: string) {
  return {
    ...{ icon: GitCompareArrows, text: `Compare ${title} with…` },
    run: () => openDialog({ kind: 'compare', snapshotId: id }),
  };
}

export function useDuplicateEntries(search: string): PaletteGroup {
  return useActionPerSnapshot('Duplicate', matchesWord('duplicate', search), duplicateEntry);
}

function duplicateEntry({ id }: Snapshot, title: string) {
  return {
    ...{ icon: CopyPlus, text: `Duplicate ${title}…` },
    run: () => openDialog({ kind: 'duplicate-snapshot', snapshotId: id }),
  };
}
