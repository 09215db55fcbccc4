import type Database from 'better-sqlite3';
import { SandglassError } from '#shared/errors';
import { fromRow, insertInto, type Row, type SandboxRecord, sandboxFields, toRow } from '../fields';

/** Frequent queries, exported for a test of their query plans. */
export const sandboxQueries = {
  byId: 'SELECT * FROM sandboxes WHERE id = ?',
  byName: 'SELECT * FROM sandboxes WHERE name = ?',
  byContainer: 'SELECT * FROM sandboxes WHERE container_id = ?',
  bySnapshot: 'SELECT * FROM sandboxes WHERE snapshot_id = ?',
  all: 'SELECT * FROM sandboxes ORDER BY created_at DESC, id',
} as const;

export class SandboxRepository {
  constructor(private readonly database: Database.Database) {}

  find(id: string): SandboxRecord | null {
    return this.one(sandboxQueries.byId, id);
  }

  findByName(name: string): SandboxRecord | null {
    return this.one(sandboxQueries.byName, name);
  }

  findByContainer(containerId: string): SandboxRecord | null {
    return this.one(sandboxQueries.byContainer, containerId);
  }

  usersOf(snapshotId: string): SandboxRecord[] {
    return this.database
      .prepare<[string], Row>(sandboxQueries.bySnapshot)
      .all(snapshotId)
      .map(rowToSandbox);
  }

  /** Newest first. */
  all(): SandboxRecord[] {
    return this.database.prepare<[], Row>(sandboxQueries.all).all().map(rowToSandbox);
  }

  /** Inserts or replaces a sandbox. @throws SandglassError `name_taken` */
  save(record: SandboxRecord): void {
    try {
      this.database.transaction(() => {
        this.remove(record.id);
        this.insert(record);
      })();
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'SQLITE_CONSTRAINT_UNIQUE') throw thrown;
      throw new SandglassError('name_taken', `There is a sandbox named "${record.name}" already.`, {
        field: 'name',
        hint: 'Choose another name, or delete that sandbox first.',
        cause: thrown,
      });
    }
  }

  remove(id: string): void {
    this.database.prepare('DELETE FROM sandboxes WHERE id = ?').run(id);
  }

  /** Updates the time of the last use alone. */
  touch(id: string, lastActiveAt: number): void {
    this.database
      .prepare('UPDATE sandboxes SET last_active_at = ? WHERE id = ?')
      .run(lastActiveAt, id);
  }

  /** Updates the used bytes of the file system alone. */
  setUsedBytes(id: string, usedBytes: number): void {
    this.database.prepare('UPDATE sandboxes SET fs_used_bytes = ? WHERE id = ?').run(usedBytes, id);
  }

  private one(query: string, key: string): SandboxRecord | null {
    const row = this.database.prepare<[string], Row>(query).get(key);
    return row ? rowToSandbox(row) : null;
  }

  private insert(record: SandboxRecord): void {
    this.database.prepare(insertInto('sandboxes', sandboxFields)).run(toRow(sandboxFields, record));
  }
}

const rowToSandbox = (row: Row) => fromRow(sandboxFields, row);
