import type { ContentsEntry } from '#shared/contract/contents';

export interface EntrySort {
  by: 'name' | 'size' | 'modified';
  descending: boolean;
}

/** What a click on a column's head leads to: names from A, the largest and the newest first. */
export function nextSort(sort: EntrySort, by: EntrySort['by']): EntrySort {
  if (sort.by === by) return { by, descending: !sort.descending };
  return { by, descending: by !== 'name' };
}

/** By name, folders come first; by size and by time all are compared with all. */
export function sortEntries(entries: readonly ContentsEntry[], sort: EntrySort): ContentsEntry[] {
  const direction = sort.descending ? -1 : 1;
  // They come by name, folders first, and a sort is stable.
  const compare = {
    name: (a: ContentsEntry, b: ContentsEntry) =>
      Number(b.kind === 'directory') - Number(a.kind === 'directory') ||
      direction * (a.name < b.name ? -1 : 1),
    size: (a: ContentsEntry, b: ContentsEntry) => direction * (a.sizeBytes - b.sizeBytes),
    // Folders have no time: they stay last.
    modified: (a: ContentsEntry, b: ContentsEntry) =>
      Number(a.modifiedAt === null) - Number(b.modifiedAt === null) ||
      direction * ((a.modifiedAt ?? 0) - (b.modifiedAt ?? 0)),
  }[sort.by];
  return [...entries].sort(compare);
}
