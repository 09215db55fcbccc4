import type Database from 'better-sqlite3';
import type { Package } from '#shared/contract/contents';

/** Packages written between two yields. */
const PAGE_SIZE = 100;

/** Packages of each snapshot. */
export class PackageTable {
  private readonly add;
  private readonly index;
  private readonly find;
  private readonly link;
  private readonly unlink;
  private readonly linkedTo;
  private readonly unused;
  private readonly removeOne;
  private readonly unindex;
  private readonly ofSnapshot;
  private readonly unfinished;

  constructor(database: Database.Database) {
    this.add = database.prepare<Package>(
      'INSERT INTO packages (manager, name, version) VALUES (@manager, @name, @version)',
    );
    this.index = database.prepare<Package & { id: number }>(
      'INSERT INTO packages_fts (rowid, name, version) VALUES (@id, @name, @version)',
    );
    this.find = database
      .prepare<Package, number>(
        'SELECT id FROM packages WHERE manager = @manager AND name = @name AND version = @version',
      )
      .pluck();
    this.link = database.prepare<[number, number]>(
      'INSERT OR IGNORE INTO snapshot_packages VALUES (?, ?)',
    );
    this.unlink = database.prepare<[number]>(
      'DELETE FROM snapshot_packages WHERE snapshot_number = ?',
    );
    this.linkedTo = database
      .prepare<[number], number>(
        'SELECT package_id FROM snapshot_packages WHERE snapshot_number = ?',
      )
      .pluck();
    this.unused = database.prepare<{ id: number }, { name: string; version: string }>(
      `SELECT name, version FROM packages
       WHERE id = @id AND NOT EXISTS (SELECT 1 FROM snapshot_packages WHERE package_id = @id)`,
    );
    this.removeOne = database.prepare<[number]>('DELETE FROM packages WHERE id = ?');
    this.unindex = database.prepare<{ id: number; name: string; version: string }>(
      `INSERT INTO packages_fts (packages_fts, rowid, name, version)
       VALUES ('delete', @id, @name, @version)`,
    );
    this.ofSnapshot = database.prepare<[number], Package>(
      `SELECT manager, name, version FROM packages
       JOIN snapshot_packages ON package_id = packages.id
       WHERE snapshot_number = ? ORDER BY manager, name, version`,
    );
    this.unfinished = database
      .prepare<[], number>(
        `SELECT DISTINCT snapshot_number FROM snapshot_packages
         WHERE snapshot_number > (SELECT coalesce(max(number), 0) FROM snapshots)`,
      )
      .pluck();
  }

  /** Writes packages, which stay hidden from searches until the snapshot's row exists. */
  *write(snapshotNumber: number, packages: readonly Package[]): Generator<void> {
    for (const [index, item] of packages.entries()) {
      this.link.run(snapshotNumber, this.find.get(item) ?? this.newPackage(item));
      if (index % PAGE_SIZE === PAGE_SIZE - 1) yield;
    }
  }

  /** Removes the packages of interrupted writes, whose numbers are above the last snapshot's. */
  *removalOfUnfinished(): Generator<void> {
    for (const number of this.unfinished.all()) {
      this.remove(number);
      yield;
    }
  }

  remove(snapshotNumber: number): void {
    const ids = this.linkedTo.all(snapshotNumber);
    this.unlink.run(snapshotNumber);
    for (const id of ids) {
      const unused = this.unused.get({ id });
      if (!unused) continue;
      this.removeOne.run(id);
      this.unindex.run({ id, ...unused });
    }
  }

  private newPackage(item: Package): number {
    const id = Number(this.add.run(item).lastInsertRowid);
    this.index.run({ ...item, id });
    return id;
  }

  /** Returns the packages by manager, name and version. */
  all(snapshotNumber: number): Package[] {
    return this.ofSnapshot.all(snapshotNumber);
  }
}
