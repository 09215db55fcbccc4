import { posix } from 'node:path';
import type { ContentsEntry } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { ContentsIndex, IndexedSnapshot, TreeEntry, Trees } from '../database';
import { describeEntry, isOwn } from './ownEntries';

/** Maximum number of links followed for one path, as in Linux (path_resolution(7)). */
const MAX_LINKS = 40;

export interface Located {
  path: string;
  entry: ContentsEntry;
  leadsTo: { path: string; kind: ContentsEntry['kind'] } | null;
}

/** Resolves a path of a snapshot as Linux does. @throws SandglassError `file_not_found` */
export function locate(index: ContentsIndex, snapshot: IndexedSnapshot, path: string): Located {
  const { trees } = index;
  const found = resolve(trees, snapshot.rootId, path, 'itself');
  if (!found) {
    throw new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
  }
  const parent = snapshot.parentId === null ? null : index.find(snapshot.parentId);
  const before = parent && trees.find(parent.rootId, found.path);
  const target =
    found.entry.kind === 'symlink' ? resolve(trees, snapshot.rootId, found.path, 'target') : null;
  return {
    path: found.path,
    entry: describeEntry(found.entry, isOwn(trees, before ?? undefined, found.entry)),
    leadsTo: target && { path: target.path, kind: target.entry.kind },
  };
}

/** Returns null for a missing path or a loop of links. */
function resolve(
  trees: Trees,
  rootId: number,
  path: string,
  last: 'itself' | 'target',
): { path: string; entry: TreeEntry } | null {
  const above: TreeEntry[] = [];
  let entry = trees.root(rootId);
  const names = path.split('/').filter(Boolean);
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (entry.subtreeId === null) return null;
    if (name === '.') continue;
    if (name === '..') {
      entry = above.pop() ?? entry;
      continue;
    }
    const next = trees.entry(entry.subtreeId, name);
    if (!next) return null;
    if (next.linkTarget === null || (names.length === 0 && last === 'itself')) {
      above.push(entry);
      entry = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return null;
    names.unshift(...next.linkTarget.split('/').filter(Boolean));
    if (next.linkTarget.startsWith('/')) {
      above.length = 0;
      entry = trees.root(rootId);
    }
  }
  const steps = [...above, entry].map((step) => step.name);
  return { path: posix.join('/', ...steps), entry };
}
