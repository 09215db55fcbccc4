import type Database from 'better-sqlite3';
import type { Package } from '#shared/contract/contents';

/** Which packages each snapshot has. */
export class PackageTable {
  private readonly add;
  private readonly find;
  private readonly link;
  private readonly unlink;
  private readonly linkedTo;
  private readonly removeUnused;
  private readonly ofSnapshot;

  constructor(database: Database.Database) {
    this.add = database.prepare<Package>(
      'INSERT OR IGNORE INTO packages (manager, name, version) VALUES (@manager, @name, @version)',
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
    this.removeUnused = database.prepare<{ id: number }>(
      `DELETE FROM packages WHERE id = @id
        AND NOT EXISTS (SELECT 1 FROM snapshot_packages WHERE package_id = @id)`,
    );
    this.ofSnapshot = database.prepare<[number], Package>(
      `SELECT manager, name, version FROM packages
       JOIN snapshot_packages ON package_id = packages.id
       WHERE snapshot_number = ? ORDER BY manager, name, version`,
    );
  }

  write(snapshotNumber: number, packages: readonly Package[]): void {
    for (const item of packages) {
      this.add.run(item);
      this.link.run(snapshotNumber, this.find.get(item) ?? 0);
    }
  }

  remove(snapshotNumber: number): void {
    const ids = this.linkedTo.all(snapshotNumber);
    this.unlink.run(snapshotNumber);
    for (const id of ids) this.removeUnused.run({ id });
  }

  /** By manager, name and version. */
  all(snapshotNumber: number): Package[] {
    return this.ofSnapshot.all(snapshotNumber);
  }
}
