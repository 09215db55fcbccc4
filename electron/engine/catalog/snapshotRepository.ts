import type Database from 'better-sqlite3';
import type { Snapshot } from '#shared/contract/snapshots';

import {
  fromRow,
  insertInto,
  type Row,
  type SnapshotRecord,
  snapshotFields,
  toRow,
} from '../fields';

export type StoredSnapshot = SnapshotRecord & Pick<Snapshot, 'sandboxCount' | 'favourite'>;

type SnapshotRow = Row & { id: string; sandbox_count: number };

const columns = `snapshots.*,
  (SELECT count(*) FROM sandboxes WHERE sandboxes.snapshot_id = snapshots.id) AS sandbox_count`;

/** Frequent queries, exported for a test of their query plans. */
export const snapshotQueries = {
  byId: `SELECT ${columns} FROM snapshots WHERE id = ?`,
  page: `SELECT ${columns} FROM snapshots ORDER BY created_at DESC, id LIMIT ? OFFSET ?`,
  newestReady: `SELECT ${columns} FROM snapshots WHERE name = ? AND status = 'ready'
    ORDER BY created_at DESC LIMIT 1`,
  newestReadyTagged: `SELECT ${columns} FROM snapshots
    WHERE name = ? AND status = 'ready' AND tag = ? ORDER BY created_at DESC LIMIT 1`,
} as const;

export class SnapshotRepository {
  /** Prepared once, since a rebuild runs them thousands of times. */
  private readonly statements;

  constructor(
    private readonly database: Database.Database,
    private readonly isFavourite: (id: string) => boolean,
  ) {
    this.statements = {
      find: database.prepare<[string], SnapshotRow>(snapshotQueries.byId),
      insert: database.prepare(insertInto('snapshots', snapshotFields)),
      countReady: database
        .prepare<[], number>("SELECT count(*) FROM snapshots WHERE status = 'ready'")
        .pluck(),
      remove: database.prepare<[string]>('DELETE FROM snapshots WHERE id = ?'),
      setUniqueBytes: database.prepare<[number, string]>(
        'UPDATE snapshots SET unique_bytes = ? WHERE id = ?',
      ),
    };
  }

  find(id: string): StoredSnapshot | null {
    return this.orNull(this.statements.find.get(id));
  }

  /** Finds the newest ready version of a name, or of a name with a tag. */
  findReady(name: string, tag: string | null): StoredSnapshot | null {
    if (tag === null) {
      return this.orNull(
        this.database.prepare<[string], SnapshotRow>(snapshotQueries.newestReady).get(name),
      );
    }
    return this.orNull(
      this.database
        .prepare<[string, string], SnapshotRow>(snapshotQueries.newestReadyTagged)
        .get(name, tag),
    );
  }

  all(): StoredSnapshot[] {
    return this.database
      .prepare<[], SnapshotRow>(`SELECT ${columns} FROM snapshots`)
      .all()
      .map(this.fromRow);
  }

  /** Status and time of the last update of all snapshots, by id. */
  states(): Map<string, Pick<SnapshotRecord, 'status' | 'updatedAt'>> {
    const rows = this.database
      .prepare<[], Pick<SnapshotRecord, 'id' | 'status' | 'updatedAt'>>(
        'SELECT id, status, updated_at AS updatedAt FROM snapshots',
      )
      .all();
    return new Map(rows.map(({ id, ...state }) => [id, state]));
  }

  /** Ids of the ready snapshots, oldest first. */
  readyIds(): string[] {
    return this.database
      .prepare<[], string>(
        "SELECT id FROM snapshots WHERE status = 'ready' ORDER BY created_at, id",
      )
      .pluck()
      .all();
  }

  countReady(): number {
    return this.statements.countReady.get() ?? 0;
  }

  /** Returns one page, newest first. Without a filter it uses an index. */
  page(query: { limit: number; offset: number; nameContains: string | null }): {
    snapshots: StoredSnapshot[];
    total: number;
  } {
    if (query.nameContains === null) {
      const rows = this.database
        .prepare<[number, number], SnapshotRow>(snapshotQueries.page)
        .all(query.limit, query.offset);
      const total = this.database
        .prepare<[], { n: number }>('SELECT count(*) AS n FROM snapshots')
        .get();
      return { snapshots: rows.map(this.fromRow), total: total?.n ?? 0 };
    }
    // SQLite's `lower` handles ASCII only, and snapshot names are ASCII.
    const needle = query.nameContains.toLowerCase();
    const rows = this.database
      .prepare<{ needle: string; limit: number; offset: number }, SnapshotRow & { total: number }>(
        `SELECT ${columns}, count(*) OVER () AS total FROM snapshots
         WHERE instr(lower(name), @needle) > 0 ORDER BY created_at DESC, id LIMIT @limit OFFSET @offset`,
      )
      .all({ needle, limit: query.limit, offset: query.offset });
    return { snapshots: rows.map(this.fromRow), total: rows[0]?.total ?? 0 };
  }

  /** Inserts or replaces a snapshot. */
  save(record: SnapshotRecord): void {
    this.database.transaction(() => {
      this.remove(record.id);
      this.statements.insert.run(toRow(snapshotFields, record));
    })();
  }

  /** Updates the bytes that no other image shares alone. */
  setUniqueBytes(id: string, uniqueBytes: number): void {
    this.statements.setUniqueBytes.run(uniqueBytes, id);
  }

  remove(id: string): void {
    this.statements.remove.run(id);
  }

  private readonly fromRow = (row: SnapshotRow): StoredSnapshot => ({
    ...fromRow(snapshotFields, row),
    sandboxCount: row.sandbox_count,
    favourite: this.isFavourite(row.id),
  });

  private orNull(row: SnapshotRow | undefined): StoredSnapshot | null {
    return row ? this.fromRow(row) : null;
  }
}
