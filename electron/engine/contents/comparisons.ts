import type { Difference, differenceKinds } from '#shared/contract/contents';
import type { ContentsIndex, ReadSnapshot } from '../catalog/contents/contentsIndex';
import type { TreeEntry } from '../catalog/contents/trees';
import { compareTrees, type TreeDifference } from './compareTrees';

export interface ComparisonQuery {
  fromId: string;
  toId: string;
  difference?: (typeof differenceKinds)[number];
  pathContains?: string;
  limit: number;
  offset: number;
}

interface Comparison {
  key: string;
  differences: Difference[];
  counts: Record<Difference['difference'], number>;
  addedBytes: number;
  removedBytes: number;
}

/** What differs between snapshots. The last comparison is kept: a list of it is asked for in pages. */
export class Comparisons {
  private last: Comparison | null = null;

  constructor(private readonly index: ContentsIndex) {}

  page(from: ReadSnapshot, to: ReadSnapshot, query: ComparisonQuery) {
    const { counts, addedBytes, removedBytes, differences } = this.compare(from, to);
    const needle = query.pathContains?.toLowerCase();
    const found = differences.filter(
      ({ path, difference }) =>
        (query.difference === undefined || difference === query.difference) &&
        (needle === undefined || path.toLowerCase().includes(needle)),
    );
    const { offset, limit } = query;
    return {
      differences: found.slice(offset, offset + limit),
      total: found.length,
      counts,
      addedBytes,
      removedBytes,
    };
  }

  private compare(from: ReadSnapshot, to: ReadSnapshot): Comparison {
    const key = `${from.rootId}:${to.rootId}`;
    if (this.last?.key === key) return this.last;
    const comparison: Comparison = {
      key,
      differences: [],
      counts: { added: 0, changed: 0, removed: 0 },
      addedBytes: 0,
      removedBytes: 0,
    };
    for (const found of compareTrees(this.index.trees, from.rootId, to.rootId)) {
      const difference = describe(found);
      comparison.differences.push(difference);
      comparison.counts[difference.difference] += 1;
      const sameBytes = difference.difference === 'changed' && !touchesBytes(difference);
      if (sameBytes) continue;
      comparison.addedBytes += fileBytes(found.after);
      comparison.removedBytes += fileBytes(found.before);
    }
    this.last = comparison;
    return comparison;
  }
}

function describe({ path, before, after, aspects }: TreeDifference): Difference {
  const difference = !before ? 'added' : !after ? 'removed' : 'changed';
  return { path, difference, before: compared(before), after: compared(after), aspects };
}

function compared(entry: TreeEntry | null): Difference['before'] {
  if (!entry) return null;
  const { kind, sizeBytes, mode, uid, gid, linkTarget } = entry;
  return { kind, sizeBytes, mode, uid, gid, linkTarget };
}

function touchesBytes({ aspects }: Difference): boolean {
  return aspects.includes('content') || aspects.includes('kind');
}

/** Folders have no bytes of their own, and a second name of a file adds none. */
function fileBytes(entry: TreeEntry | null): number {
  return entry?.kind === 'file' && !entry.isHardLink ? entry.sizeBytes : 0;
}
