import type Database from 'better-sqlite3';
import type { Package } from '#shared/contract/contents';
import { ftsPhrase, type PackageQuery } from './searchQuery';
import type { SearchWork } from './searchWork';

/** Maximum number of packages in a hit. */
const MAX_PACKAGES = 5;
/** Maximum number of matches (package and snapshot) in a search. */
const MAX_MATCHES = 100_000;

export interface FoundPackages {
  packages: Package[];
  count: number;
  /** True if a package name equals the query. */
  isExact: boolean;
}

/** Finds the snapshots that contain a package. */
export class PackageSearch {
  private readonly byName;
  private readonly snapshotsWith;

  constructor(database: Database.Database) {
    this.byName = database.prepare<[string], Package & { id: number }>(
      `SELECT packages.id AS id, manager, packages.name AS name, packages.version AS version
       FROM packages_fts JOIN packages ON packages.id = packages_fts.rowid
       WHERE packages_fts MATCH ?`,
    );
    this.snapshotsWith = database
      .prepare<[number, number], number>(
        'SELECT snapshot_number FROM snapshot_packages WHERE package_id = ? LIMIT ?',
      )
      .pluck();
  }

  /** Returns the matches by snapshot number. */
  async find(query: PackageQuery, work: SearchWork): Promise<Map<number, FoundPackages>> {
    const found = new Map<number, FoundPackages>();
    const wanted = comparable(query.name);
    let left = MAX_MATCHES;
    for (const { id, ...item } of this.candidates(query)) {
      const isExact = comparable(item.name) === wanted;
      for (const number of this.snapshotsWith.all(id, left + 1)) {
        left -= 1;
        const known = found.get(number) ?? { packages: [], count: 0, isExact: false };
        if (known.packages.length < MAX_PACKAGES) known.packages.push(item);
        known.count += 1;
        known.isExact ||= isExact;
        found.set(number, known);
      }
      if (left < 0) {
        work.isWhole = false;
        break;
      }
      await work.yield();
    }
    return found;
  }

  /** Returns exact names first, then the shortest names. */
  private candidates({ name, version }: PackageQuery): Array<Package & { id: number }> {
    const wanted = comparable(name);
    return this.byName
      .all(`name : ^ ${ftsPhrase(name)} *`)
      .filter((item) => comparable(item.name).startsWith(wanted))
      .filter((item) => version === null || versionBegins(item.version.toLowerCase(), version))
      .sort((a, b) => a.name.length - b.name.length || compareTexts(a, b));
  }
}

/** Normalizes separators in a package name, which pip treats as equal (PEP 503). */
function comparable(name: string): string {
  return name.toLowerCase().replace(/[-_]+/g, '-');
}

/** Matches a version with or without its Debian epoch. */
function versionBegins(version: string, wanted: string): boolean {
  return version.startsWith(wanted) || version.replace(/^\d+:/, '').startsWith(wanted);
}

function compareTexts(a: Package, b: Package): number {
  const [one, other] = [a, b].map((item) => `${item.name} ${item.version} ${item.manager}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
