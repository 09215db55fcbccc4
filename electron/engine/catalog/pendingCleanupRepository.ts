import type Database from 'better-sqlite3';

export interface PendingCleanup {
  id: string;
  kind: 'snapshot' | 'sandbox';
}

/**
 * Objects that a failed or cancelled operation could not remove because Docker was unreachable. They are
 * removed at the next connection, and not mistaken for finished snapshots or sandboxes.
 */
export class PendingCleanupRepository {
  constructor(private readonly database: Database.Database) {}

  all(): PendingCleanup[] {
    return this.database.prepare<[], PendingCleanup>('SELECT id, kind FROM removals').all();
  }

  add(cleanup: PendingCleanup): void {
    this.database
      .prepare('INSERT OR REPLACE INTO removals (id, kind) VALUES (@id, @kind)')
      .run(cleanup);
  }

  resolve(id: string): void {
    this.database.prepare('DELETE FROM removals WHERE id = ?').run(id);
  }
}
