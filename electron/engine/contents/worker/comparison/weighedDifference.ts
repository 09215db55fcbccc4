import type { Difference } from '#shared/contract/contents';
import type { TreeEntry } from '../../database';
import type { TreeDifference } from './compareTrees';

/** A difference with the bytes that it adds and removes. */
export interface WeighedDifference extends Difference {
  addedBytes: number;
  removedBytes: number;
}

export function weigh({ path, before, after, aspects }: TreeDifference): WeighedDifference {
  const difference = !before ? 'added' : !after ? 'removed' : 'changed';
  const touchesBytes =
    difference !== 'changed' || aspects.includes('content') || aspects.includes('kind');
  return {
    path,
    difference,
    before: compared(before),
    after: compared(after),
    aspects,
    addedBytes: touchesBytes ? fileBytes(after) : 0,
    removedBytes: touchesBytes ? fileBytes(before) : 0,
  };
}

function compared(entry: TreeEntry | null): Difference['before'] {
  if (!entry) return null;
  const { kind, sizeBytes, mode, uid, gid, linkTarget } = entry;
  return { kind, sizeBytes, mode, uid, gid, linkTarget };
}

/** Counts the bytes of a hard-linked file once; folders have none. */
function fileBytes(entry: TreeEntry | null): number {
  return entry?.kind === 'file' && !entry.isHardLink ? entry.sizeBytes : 0;
}
