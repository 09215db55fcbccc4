import type Database from 'better-sqlite3';
import type { Snapshot } from '#shared/contract/snapshots';

/** A snapshot as the catalog keeps it, with the Docker image that it is. */
export interface SnapshotRecord extends Omit<Snapshot, 'sandboxCount' | 'favourite'> {
  /** The tag under which Docker has it; null until it is made. */
  dockerImage: string | null;
}

interface Row {
  id: string;
  name: string;
  tag: string | null;
  status: Snapshot['status'];
  status_message: string | null;
  image: string | null;
  image_digest: string | null;
  docker_image: string | null;
  platform: string | null;
  source_sandbox_id: string | null;
  source_sandbox_name: string | null;
  parent_snapshot_id: string | null;
  fs_capacity_bytes: number | null;
  size_bytes: number | null;
  run_config: string;
  note: string;
  labels: string;
  created_at: number;
  updated_at: number;
  registry_id: string | null;
  unique_bytes: number | null;
  sandbox_count: number;
  ancestors: string;
}

const columns = `snapshots.*,
  (SELECT count(*) FROM sandboxes WHERE sandboxes.snapshot_id = snapshots.id) AS sandbox_count`;

/** The hot queries, by name, so that a test can ask SQLite how it runs them. */
export const snapshotQueries = {
  byId: `SELECT ${columns} FROM snapshots WHERE id = ?`,
  page: `SELECT ${columns} FROM snapshots ORDER BY created_at DESC, id LIMIT ? OFFSET ?`,
  newestReady: `SELECT ${columns} FROM snapshots WHERE name = ? AND status = 'ready'
    ORDER BY created_at DESC LIMIT 1`,
  newestReadyTagged: `SELECT ${columns} FROM snapshots
    WHERE name = ? AND status = 'ready' AND tag = ? ORDER BY created_at DESC LIMIT 1`,
} as const;

export class SnapshotRepository {
  /** Prepared once: a rebuild asks them thousands of times. */
  private readonly statements;

  /** The user's stars are kept elsewhere: they are to outlive a catalog. */
  constructor(
    private readonly database: Database.Database,
    private readonly isFavourite: (id: string) => boolean,
  ) {
    this.statements = {
      find: database.prepare<[string], Row>(snapshotQueries.byId),
      insert: database.prepare(
        `INSERT INTO snapshots VALUES (@id, @name, @tag, @status, @statusMessage, @image,
          @imageDigest, @dockerImage, @platform, @sourceSandboxId, @sourceSandboxName,
          @parentSnapshotId, @fsCapacityBytes, @sizeBytes, @runConfig, @note, @labels, @createdAt,
          @updatedAt, @registryId, @uniqueBytes, @ancestors)`,
      ),
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

  /** The newest ready version of a name, or of a name with a tag. */
  findReady(name: string, tag: string | null): StoredSnapshot | null {
    if (tag === null) {
      return this.orNull(
        this.database.prepare<[string], Row>(snapshotQueries.newestReady).get(name),
      );
    }
    return this.orNull(
      this.database
        .prepare<[string, string], Row>(snapshotQueries.newestReadyTagged)
        .get(name, tag),
    );
  }

  all(): StoredSnapshot[] {
    return this.database
      .prepare<[], Row>(`SELECT ${columns} FROM snapshots`)
      .all()
      .map(this.fromRow);
  }

  /** Of each that there is, what a comparison with Docker needs to know. */
  states(): Map<string, Pick<SnapshotRecord, 'status' | 'updatedAt'>> {
    const rows = this.database
      .prepare<[], Pick<SnapshotRecord, 'id' | 'status' | 'updatedAt'>>(
        'SELECT id, status, updated_at AS updatedAt FROM snapshots',
      )
      .all();
    return new Map(rows.map(({ id, ...state }) => [id, state]));
  }

  /** The ids of those that are ready, oldest first. */
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

  /** One page, newest first. Without a filter it walks an index. */
  page(query: { limit: number; offset: number; nameContains: string | null }): {
    snapshots: StoredSnapshot[];
    total: number;
  } {
    if (query.nameContains === null) {
      const rows = this.database
        .prepare<[number, number], Row>(snapshotQueries.page)
        .all(query.limit, query.offset);
      const total = this.database
        .prepare<[], { n: number }>('SELECT count(*) AS n FROM snapshots')
        .get();
      return { snapshots: rows.map(this.fromRow), total: total?.n ?? 0 };
    }
    // Names are ASCII by their rule, for which SQLite's own `lower` will do.
    const needle = query.nameContains.toLowerCase();
    const rows = this.database
      .prepare<{ needle: string; limit: number; offset: number }, Row & { total: number }>(
        `SELECT ${columns}, count(*) OVER () AS total FROM snapshots
         WHERE instr(lower(name), @needle) > 0 ORDER BY created_at DESC, id LIMIT @limit OFFSET @offset`,
      )
      .all({ needle, limit: query.limit, offset: query.offset });
    return { snapshots: rows.map(this.fromRow), total: rows[0]?.total ?? 0 };
  }

  /** Writes a snapshot, new or changed. */
  save(record: SnapshotRecord): void {
    this.database.transaction(() => {
      this.remove(record.id);
      this.statements.insert.run({
        ...record,
        runConfig: JSON.stringify(record.runConfig),
        labels: JSON.stringify(record.labels),
        ancestors: JSON.stringify(record.ancestors),
      });
    })();
  }

  /** Notes how much of a snapshot is its own, without any other change. */
  setUniqueBytes(id: string, uniqueBytes: number): void {
    this.statements.setUniqueBytes.run(uniqueBytes, id);
  }

  remove(id: string): void {
    this.statements.remove.run(id);
  }

  private readonly fromRow = (row: Row): StoredSnapshot => ({
    ...rowToSnapshot(row),
    favourite: this.isFavourite(row.id),
  });

  private orNull(row: Row | undefined): StoredSnapshot | null {
    return row ? this.fromRow(row) : null;
  }
}

export type StoredSnapshot = SnapshotRecord & Pick<Snapshot, 'sandboxCount' | 'favourite'>;

function rowToSnapshot(row: Row): Omit<StoredSnapshot, 'favourite'> {
  return {
    id: row.id,
    name: row.name,
    tag: row.tag,
    status: row.status,
    statusMessage: row.status_message,
    image: row.image,
    imageDigest: row.image_digest,
    dockerImage: row.docker_image,
    platform: row.platform,
    sourceSandboxId: row.source_sandbox_id,
    sourceSandboxName: row.source_sandbox_name,
    parentSnapshotId: row.parent_snapshot_id,
    ancestors: JSON.parse(row.ancestors),
    fsCapacityBytes: row.fs_capacity_bytes,
    sizeBytes: row.size_bytes,
    runConfig: JSON.parse(row.run_config),
    note: row.note,
    labels: JSON.parse(row.labels),
    registryId: row.registry_id,
    uniqueBytes: row.unique_bytes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    sandboxCount: row.sandbox_count,
  };
}
