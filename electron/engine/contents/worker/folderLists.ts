import type { ContentsEntry } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { ContentsIndex, IndexedSnapshot, TreeEntry } from '../database';
import { describeEntry, isOwn } from './ownEntries';

interface FolderList {
  key: string;
  entries: TreeEntry[];
  /** Entries of the same folder in the parent snapshot, by name. */
  before: Map<string, TreeEntry>;
}

/** Lists folders, directories first. The last one is cached, because callers read it in pages. */
export class FolderLists {
  private last: FolderList | null = null;

  constructor(private readonly index: ContentsIndex) {}

  /** @throws SandglassError `file_not_found`, `not_a_directory` */
  page(
    snapshot: IndexedSnapshot,
    { path, limit, offset }: { path: string; limit: number; offset: number },
  ): { entries: ContentsEntry[]; total: number } {
    const { entries, before } = this.list(snapshot, path);
    const { trees } = this.index;
    return {
      entries: entries
        .slice(offset, offset + limit)
        .map((entry) => describeEntry(entry, isOwn(trees, before.get(entry.name), entry))),
      total: entries.length,
    };
  }

  private list(snapshot: IndexedSnapshot, path: string): FolderList {
    const { trees } = this.index;
    const parent = snapshot.parentId === null ? null : this.index.find(snapshot.parentId);
    const key = JSON.stringify([snapshot.id, parent?.id, path]);
    if (this.last?.key === key) return this.last;
    const folder = trees.find(snapshot.rootId, path);
    if (!folder) {
      throw new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
    }
    if (folder.subtreeId === null) {
      throw new SandglassError('not_a_directory', `${path} is not a directory.`, { field: 'path' });
    }
    const before = parent && trees.find(parent.rootId, path);
    const known = before?.subtreeId == null ? [] : trees.entries(before.subtreeId);
    this.last = {
      key,
      entries: trees.entries(folder.subtreeId).sort(directoriesFirst),
      before: new Map(known.map((entry) => [entry.name, entry] as const)),
    };
    return this.last;
  }
}

/** Keeps the order of names, since Array.sort is stable. */
function directoriesFirst(a: TreeEntry, b: TreeEntry): number {
  return Number(b.kind === 'directory') - Number(a.kind === 'directory');
}
