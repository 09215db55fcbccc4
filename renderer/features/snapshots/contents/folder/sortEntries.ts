import type { ContentsEntry } from '#shared/contract/contents';

export interface EntrySort {
  by: 'name' | 'size' | 'modified';
  descending: boolean;
}

/** Sort order after a click on a heading: names ascending, sizes and times descending, then reversed. */
export function nextSort(sort: EntrySort, by: EntrySort['by']): EntrySort {
  if (sort.by === by) return { by, descending: !sort.descending };
  return { by, descending: by !== 'name' };
}

/** Sorts entries. Folders come first by name, and are mixed with files by size. */
export function sortEntries(entries: readonly ContentsEntry[], sort: EntrySort): ContentsEntry[] {
  const direction = sort.descending ? -1 : 1;
  // Equal entries keep their order by name, as the sort is stable.
  const compare = {
    name: (a: ContentsEntry, b: ContentsEntry) =>
      Number(b.kind === 'directory') - Number(a.kind === 'directory') ||
      direction * (a.name < b.name ? -1 : 1),
    size: (a: ContentsEntry, b: ContentsEntry) => direction * (a.sizeBytes - b.sizeBytes),
    // Folders have no time and come last.
    modified: (a: ContentsEntry, b: ContentsEntry) =>
      Number(a.modifiedAt === null) - Number(b.modifiedAt === null) ||
      direction * ((a.modifiedAt ?? 0) - (b.modifiedAt ?? 0)),
  }[sort.by];
  return [...entries].sort(compare);
}
