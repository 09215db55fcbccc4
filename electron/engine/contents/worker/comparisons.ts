import { setImmediate } from 'node:timers/promises';
import type { DifferenceCounts, differenceKinds } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { ContentsIndex, ReadSnapshot } from '../database';
import { compareTrees } from './compareTrees';
import { DifferenceTree } from './differenceTree';
import { type WeighedDifference, weigh } from './weighedDifference';

interface Filter {
  difference?: (typeof differenceKinds)[number];
  pathContains?: string;
}

interface Page {
  limit: number;
  offset: number;
}

export interface ComparisonQuery extends Filter, Page {
  fromId: string;
  toId: string;
}

export interface ComparisonTreeQuery extends ComparisonQuery {
  toggled: string[];
}

interface Sums {
  counts: DifferenceCounts;
  addedBytes: number;
  removedBytes: number;
}

interface Comparison extends Sums {
  differences: WeighedDifference[];
}

/** Everything that was asked for is made once and kept for as long as it is asked for. */
interface Kept<T> {
  key: string;
  value: T;
}

/** So many differences are found between two looks at what else there is to do. */
const AT_ONCE = 2000;

/** What was not asked for as long as this is found anew. Milliseconds. */
const KEEP_MS = 120_000;

/**
 * What differs between snapshots. The last comparison, what its filter lets through and the tree of that
 * are kept: a list is asked for in pages.
 */
export class Comparisons {
  private comparison: Kept<Promise<Comparison>> | null = null;
  private filtered: Kept<WeighedDifference[]> | null = null;
  private tree: Kept<DifferenceTree> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly index: ContentsIndex) {}

  /** @throws SandglassError `conflict` when one of the two goes meanwhile */
  async page(from: ReadSnapshot, to: ReadSnapshot, { limit, offset, ...query }: ComparisonQuery) {
    const comparison = await this.compare(from, to);
    const found = this.filter(comparison, keyOf(from, to), query);
    return {
      differences: found.slice(offset, offset + limit),
      total: found.length,
      ...sumsOf(comparison),
    };
  }

  /** @throws SandglassError `conflict` when one of the two goes meanwhile */
  async treePage(from: ReadSnapshot, to: ReadSnapshot, query: ComparisonTreeQuery) {
    const { limit, offset, toggled } = query;
    const comparison = await this.compare(from, to);
    const found = this.filter(comparison, keyOf(from, to), query);
    const key = this.filtered?.key ?? '';
    if (this.tree?.key !== key) this.tree = { key, value: new DifferenceTree(found) };
    const { rows, total } = this.tree.value.page(toggled, { limit, offset });
    return { rows, total, matching: found.length, ...sumsOf(comparison) };
  }

  private filter(comparison: Comparison, pair: string, { difference, pathContains }: Filter) {
    const needle = pathContains?.toLowerCase() ?? '';
    const key = JSON.stringify([pair, difference, needle]);
    if (this.filtered?.key === key) return this.filtered.value;
    const value =
      difference === undefined && needle === ''
        ? comparison.differences
        : comparison.differences.filter(
            (found) =>
              (difference === undefined || found.difference === difference) &&
              found.path.toLowerCase().includes(needle),
          );
    this.filtered = { key, value };
    return value;
  }

  private async compare(from: ReadSnapshot, to: ReadSnapshot): Promise<Comparison> {
    const key = keyOf(from, to);
    if (this.comparison?.key !== key) {
      this.forget();
      const made: Kept<Promise<Comparison>> = { key, value: this.find(from, to) };
      this.comparison = made;
      made.value.catch(() => {
        if (this.comparison === made) this.comparison = null;
      });
    }
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.forget(), KEEP_MS).unref();
    return await (this.comparison?.value ?? this.find(from, to));
  }

  private forget(): void {
    this.comparison = null;
    this.filtered = null;
    this.tree = null;
  }

  private async find(from: ReadSnapshot, to: ReadSnapshot): Promise<Comparison> {
    const comparison: Comparison = {
      differences: [],
      counts: { added: 0, changed: 0, removed: 0 },
      addedBytes: 0,
      removedBytes: 0,
    };
    for (const found of compareTrees(this.index.trees, from.rootId, to.rootId)) {
      const difference = weigh(found);
      comparison.differences.push(difference);
      comparison.counts[difference.difference] += 1;
      comparison.addedBytes += difference.addedBytes;
      comparison.removedBytes += difference.removedBytes;
      // The thread has others to answer as well.
      if (comparison.differences.length % AT_ONCE === 0) await setImmediate();
    }
    for (const { id, rootId } of [from, to]) {
      if (this.index.find(id)?.rootId !== rootId) {
        throw new SandglassError('conflict', 'A snapshot was deleted while it was compared.');
      }
    }
    return comparison;
  }
}

/** Not by what the index calls the folders: it gives the names of those that have gone to others. */
function keyOf(from: ReadSnapshot, to: ReadSnapshot): string {
  return `${from.id}:${to.id}`;
}

function sumsOf({ counts, addedBytes, removedBytes }: Sums): Sums {
  return { counts, addedBytes, removedBytes };
}
