import type { ContentsEntry } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { ContentsIndex, ReadSnapshot } from '../catalog/contents/contentsIndex';
import type { TreeEntry, Trees } from '../catalog/contents/trees';
import { aspectsOf, compareTrees } from './compareTrees';

/**
 * One page of a folder, directories first.
 *
 * @throws SandglassError `file_not_found`, `not_a_directory`
 */
export function listFolder(
  index: ContentsIndex,
  snapshot: ReadSnapshot,
  { path, limit, offset }: { path: string; limit: number; offset: number },
): { entries: ContentsEntry[]; total: number } {
  const { trees } = index;
  const folder = trees.find(snapshot.rootId, path);
  if (!folder) {
    throw new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
  }
  if (folder.subtreeId === null) {
    throw new SandglassError('not_a_directory', `${path} is no directory.`, { field: 'path' });
  }
  const parent = snapshot.parentId === null ? null : index.find(snapshot.parentId);
  const before = parent && trees.find(parent.rootId, path);
  const known = new Map(
    before?.subtreeId == null
      ? []
      : trees.entries(before.subtreeId).map((entry) => [entry.name, entry] as const),
  );
  const all = trees.entries(folder.subtreeId).sort(directoriesFirst);
  return {
    entries: all
      .slice(offset, offset + limit)
      .map((entry) => describe(entry, isOwn(trees, known.get(entry.name), entry))),
    total: all.length,
  };
}

/** Array.sort is stable: names stay in their order. */
function directoriesFirst(a: TreeEntry, b: TreeEntry): number {
  return Number(b.kind === 'directory') - Number(a.kind === 'directory');
}

function isOwn(trees: Trees, before: TreeEntry | undefined, after: TreeEntry): boolean {
  if (!before || aspectsOf(before, after).length > 0) return true;
  return !compareTrees(trees, before.subtreeId, after.subtreeId).next().done;
}

function describe(entry: TreeEntry, own: boolean): ContentsEntry {
  const { content: _content, isHardLink: _isHardLink, subtreeId: _subtreeId, ...fields } = entry;
  return { ...fields, own };
}
