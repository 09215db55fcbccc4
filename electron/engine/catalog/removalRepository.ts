import type Database from 'better-sqlite3';

export interface OwedRemoval {
  id: string;
  kind: 'snapshot' | 'sandbox';
}

/**
 * What a failed or cancelled operation could not clean up because Docker had gone: it is removed as
 * soon as Docker is back, instead of being taken for a finished snapshot or sandbox.
 */
export class RemovalRepository {
  constructor(private readonly database: Database.Database) {}

  all(): OwedRemoval[] {
    return this.database.prepare<[], OwedRemoval>('SELECT id, kind FROM removals').all();
  }

  owe(removal: OwedRemoval): void {
    this.database.prepare('INSERT OR REPLACE INTO removals VALUES (@id, @kind)').run(removal);
  }

  settle(id: string): void {
    this.database.prepare('DELETE FROM removals WHERE id = ?').run(id);
  }
}
