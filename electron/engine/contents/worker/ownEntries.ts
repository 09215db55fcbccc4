import type { ContentsEntry } from '#shared/contract/contents';
import type { TreeEntry, Trees } from '../database';
import { aspectsOf, compareTrees } from './comparison';

/** True if an entry, or anything below a directory, was added or changed since the parent. */
export function isOwn(trees: Trees, before: TreeEntry | undefined, after: TreeEntry): boolean {
  if (!before || aspectsOf(before, after).length > 0) return true;
  return !compareTrees(trees, before.subtreeId, after.subtreeId).next().done;
}

/** Converts an entry to its form in the contract. */
export function describeEntry(entry: TreeEntry, own: boolean): ContentsEntry {
  const { content: _content, isHardLink: _isHardLink, subtreeId: _subtreeId, ...fields } = entry;
  const modifiedAt = entry.kind === 'directory' ? null : entry.modifiedAt;
  return { ...fields, modifiedAt, own };
}
