import { setImmediate } from 'node:timers/promises';
import type { DifferenceCounts, differenceKinds } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { ContentsIndex, IndexedSnapshot } from '../../database';
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

/** A value of the last call, reused while the key stays the same. */
interface Cached<T> {
  key: string;
  value: T;
}

/** Differences found before the event loop runs on. */
const BATCH_SIZE = 2000;

/** Milliseconds from the last use of a comparison to its removal from the cache. */
const CACHE_TTL_MS = 120_000;

/**
 * Compares snapshots. The last comparison, its filtered list and the tree of that list are cached,
 * because callers read them in pages.
 */
export class Comparisons {
  private comparison: Cached<Promise<Comparison>> | null = null;
  private filtered: Cached<WeighedDifference[]> | null = null;
  private tree: Cached<DifferenceTree> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly index: ContentsIndex) {}

  /** @throws SandglassError `conflict` if a snapshot is deleted meanwhile */
  async page(
    from: IndexedSnapshot,
    to: IndexedSnapshot,
    { limit, offset, ...query }: ComparisonQuery,
  ) {
    const comparison = await this.compare(from, to);
    const found = this.filter(comparison, keyOf(from, to), query);
    return {
      differences: found.slice(offset, offset + limit),
      total: found.length,
      ...sumsOf(comparison),
    };
  }

  /** @throws SandglassError `conflict` if a snapshot is deleted meanwhile */
  async treePage(from: IndexedSnapshot, to: IndexedSnapshot, query: ComparisonTreeQuery) {
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

  private async compare(from: IndexedSnapshot, to: IndexedSnapshot): Promise<Comparison> {
    const key = keyOf(from, to);
    if (this.comparison?.key !== key) {
      this.clear();
      const made: Cached<Promise<Comparison>> = { key, value: this.find(from, to) };
      this.comparison = made;
      made.value.catch(() => {
        if (this.comparison === made) this.comparison = null;
      });
    }
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.clear(), CACHE_TTL_MS).unref();
    return await (this.comparison?.value ?? this.find(from, to));
  }

  private clear(): void {
    this.comparison = null;
    this.filtered = null;
    this.tree = null;
  }

  private async find(from: IndexedSnapshot, to: IndexedSnapshot): Promise<Comparison> {
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
      if (comparison.differences.length % BATCH_SIZE === 0) await setImmediate();
    }
    for (const { id, rootId } of [from, to]) {
      if (this.index.find(id)?.rootId !== rootId) {
        throw new SandglassError('conflict', 'A snapshot was deleted during the comparison.');
      }
    }
    return comparison;
  }
}

/** Consists of snapshot ids: the index reuses the ids of deleted trees. */
function keyOf(from: IndexedSnapshot, to: IndexedSnapshot): string {
  return `${from.id}:${to.id}`;
}

function sumsOf({ counts, addedBytes, removedBytes }: Sums): Sums {
  return { counts, addedBytes, removedBytes };
}
