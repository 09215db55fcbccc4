import type Database from 'better-sqlite3';
import type { Sandbox } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';

/** A sandbox as the catalog keeps it, with the container that it is. */
export interface SandboxRecord extends Omit<Sandbox, 'activity' | 'egress'> {
  /** Null until the container is made. */
  containerId: string | null;
  /** When it was last used, good to a few seconds. Milliseconds since 1970. */
  lastActiveAt: number;
  updatedAt: number;
}

interface Row {
  id: string;
  name: string;
  status: Sandbox['status'];
  status_message: string | null;
  container_id: string | null;
  snapshot_id: string;
  snapshot_name: string;
  vcpus: number | null;
  mem_bytes: number | null;
  fs_capacity_bytes: number | null;
  run_config: string;
  labels: string;
  created_at: number;
  idle_stop_seconds: number;
  delete_after_stop_seconds: number;
  last_active_at: number;
  started_at: number | null;
  stopped_at: number | null;
  updated_at: number;
  pids_limit: number | null;
  capacity_kind: Sandbox['capacityKind'];
  fs_used_bytes: number | null;
  network: number;
  ports: string;
  suspended: number;
  preserve_memory: number;
}

/** The hot queries, by name, so that a test can ask SQLite how it runs them. */
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

  /** Writes a sandbox, new or changed. @throws SandglassError `name_taken` */
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

  /** Notes a use, without any other change. */
  touch(id: string, lastActiveAt: number): void {
    this.database
      .prepare('UPDATE sandboxes SET last_active_at = ? WHERE id = ?')
      .run(lastActiveAt, id);
  }

  /** Notes how much of its filesystem is in use, without any other change. */
  setUsedBytes(id: string, usedBytes: number): void {
    this.database.prepare('UPDATE sandboxes SET fs_used_bytes = ? WHERE id = ?').run(usedBytes, id);
  }

  private one(query: string, key: string): SandboxRecord | null {
    const row = this.database.prepare<[string], Row>(query).get(key);
    return row ? rowToSandbox(row) : null;
  }

  private insert(record: SandboxRecord): void {
    this.database
      .prepare(
        `INSERT INTO sandboxes VALUES (@id, @name, @status, @statusMessage, @containerId,
          @snapshotId, @snapshotName, @vcpus, @memBytes, @fsCapacityBytes, @runConfig, @labels,
          @createdAt, @idleStopSeconds, @deleteAfterStopSeconds, @lastActiveAt, @startedAt, @stoppedAt, @updatedAt,
          @pidsLimit, @capacityKind, @fsUsedBytes, @network, @ports, @suspended, @preserveMemory)`,
      )
      .run({
        ...record,
        runConfig: JSON.stringify(record.runConfig),
        labels: JSON.stringify(record.labels),
        network: record.network ? 1 : 0,
        ports: JSON.stringify(record.ports),
        suspended: record.suspended ? 1 : 0,
        preserveMemory: record.preserveMemory ? 1 : 0,
      });
  }
}

function rowToSandbox(row: Row): SandboxRecord {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    statusMessage: row.status_message,
    containerId: row.container_id,
    snapshotId: row.snapshot_id,
    snapshotName: row.snapshot_name,
    vcpus: row.vcpus,
    memBytes: row.mem_bytes,
    fsCapacityBytes: row.fs_capacity_bytes,
    runConfig: JSON.parse(row.run_config),
    labels: JSON.parse(row.labels),
    pidsLimit: row.pids_limit,
    capacityKind: row.capacity_kind,
    fsUsedBytes: row.fs_used_bytes,
    network: row.network === 1,
    ports: JSON.parse(row.ports),
    suspended: row.suspended === 1,
    preserveMemory: row.preserve_memory === 1,
    createdAt: row.created_at,
    idleStopSeconds: row.idle_stop_seconds,
    deleteAfterStopSeconds: row.delete_after_stop_seconds,
    lastActiveAt: row.last_active_at,
    startedAt: row.started_at,
    stoppedAt: row.stopped_at,
    updatedAt: row.updated_at,
  };
}
