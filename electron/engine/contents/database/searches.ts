import type Database from 'better-sqlite3';
import type { SearchHit } from '#shared/contract/contents';
import { type FoundPackages, PackageSearch } from './packageSearch';
import { PathSearch } from './pathSearch';
import { parsePackageQuery, parsePathQuery } from './searchQuery';
import { SearchWork } from './searchWork';

interface Row {
  number: number;
  id: string;
  rootId: number;
}

export interface SearchResult {
  hits: SearchHit[];
  total: number;
  isWhole: boolean;
}

/** Finds the snapshots that contain a package or a file. */
export class Searches {
  private readonly packages;
  private readonly paths;
  private readonly newestFirst;

  constructor(database: Database.Database) {
    this.packages = new PackageSearch(database);
    this.paths = new PathSearch(database);
    this.newestFirst = database.prepare<[], Row>(
      'SELECT number, id, root_id AS rootId FROM snapshots ORDER BY created_at DESC, number DESC',
    );
  }

  /**
   * Returns snapshots with a package of exactly this name first, then those with such a file, then the
   * others; the newest first in each group.
   */
  async find(query: string, limit: number, signal?: AbortSignal): Promise<SearchResult> {
    const work = new SearchWork(signal);
    // No name contains a NUL, which would end the text in SQLite.
    if (query.includes('\0')) return { hits: [], total: 0, isWhole: true };
    const packages = await this.packages.find(parsePackageQuery(query), work);
    const pathQuery = parsePathQuery(query);
    const roots = new Set(this.newestFirst.all().map(({ rootId }) => rootId));
    const paths = pathQuery
      ? await this.paths.find(pathQuery, (id) => roots.has(id), work)
      : new Map<number, never>();
    const ranks: SearchHit[][] = [[], [], []];
    for (const { number, id, rootId } of this.newestFirst.all()) {
      const ofPackages: FoundPackages | undefined = packages.get(number);
      const ofPaths = paths.get(rootId);
      if (!ofPackages && !ofPaths) continue;
      ranks[ofPackages?.isExact ? 0 : ofPaths?.isExact ? 1 : 2]?.push({
        snapshotId: id,
        packages: ofPackages?.packages ?? [],
        packageCount: ofPackages?.count ?? 0,
        paths: (ofPaths?.paths ?? []).map((path) => `/${path}`),
        pathCount: ofPaths?.count ?? 0,
      });
    }
    const hits = ranks.flat();
    return { hits: hits.slice(0, limit), total: hits.length, isWhole: work.isWhole };
  }
}
