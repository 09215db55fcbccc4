import type Database from 'better-sqlite3';
import type { Package } from '#shared/contract/contents';
import { ftsPhrase, type PackageQuery } from './searchQuery';
import type { SearchWork } from './searchWork';

/** So many are told of each snapshot. */
const MOST_TOLD = 5;
/** Of packages that each snapshot has; more are not looked at. */
const MOST_FOUND = 100_000;

export interface FoundPackages {
  packages: Package[];
  count: number;
  /** One has the very name. */
  isExact: boolean;
}

/** Finds the snapshots that have a package. */
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

  /** By the snapshots' numbers. */
  async find(query: PackageQuery, work: SearchWork): Promise<Map<number, FoundPackages>> {
    const found = new Map<number, FoundPackages>();
    const wanted = comparable(query.name);
    let left = MOST_FOUND;
    for (const { id, ...item } of this.candidates(query)) {
      const isExact = comparable(item.name) === wanted;
      for (const number of this.snapshotsWith.all(id, left + 1)) {
        left -= 1;
        const known = found.get(number) ?? { packages: [], count: 0, isExact: false };
        if (known.packages.length < MOST_TOLD) known.packages.push(item);
        known.count += 1;
        known.isExact ||= isExact;
        found.set(number, known);
      }
      if (left < 0) {
        work.isWhole = false;
        break;
      }
      await work.breathe();
    }
    return found;
  }

  /** Those of the very name first, then the shortest names. */
  private candidates({ name, version }: PackageQuery): Array<Package & { id: number }> {
    const wanted = comparable(name);
    return this.byName
      .all(`name : ^ ${ftsPhrase(name)} *`)
      .filter((item) => comparable(item.name).startsWith(wanted))
      .filter((item) => version === null || versionBegins(item.version.toLowerCase(), version))
      .sort((a, b) => a.name.length - b.name.length || compareTexts(a, b));
  }
}

/** Package managers differ in the signs between the words of a name, and pip takes one for the other. */
function comparable(name: string): string {
  return name.toLowerCase().replace(/[-_]+/g, '-');
}

/** With or without Debian's epoch, which few people know. */
function versionBegins(version: string, wanted: string): boolean {
  return version.startsWith(wanted) || version.replace(/^\d+:/, '').startsWith(wanted);
}

function compareTexts(a: Package, b: Package): number {
  const [one, other] = [a, b].map((item) => `${item.name} ${item.version} ${item.manager}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
