/** A numbered step from one version of the catalog to the next. */
export interface Migration {
  version: number;
  sql: string;
}

/** In order, without a gap. A released migration never changes: a new column is a new migration. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE snapshots (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        tag TEXT,
        status TEXT NOT NULL CHECK (status IN ('building', 'ready', 'failed', 'deleting')),
        status_message TEXT,
        image TEXT,
        image_digest TEXT,
        docker_image TEXT,
        platform TEXT,
        source_sandbox_id TEXT,
        source_sandbox_name TEXT,
        parent_snapshot_id TEXT,
        fs_capacity_bytes INTEGER,
        size_bytes INTEGER,
        run_config TEXT NOT NULL,
        note TEXT NOT NULL,
        labels TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX snapshots_by_age ON snapshots (created_at DESC, id);
      CREATE INDEX snapshots_by_name ON snapshots (name, status, created_at DESC);

      CREATE TABLE sandboxes (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('provisioning', 'ready', 'stopped', 'failed')),
        status_message TEXT,
        container_id TEXT,
        snapshot_id TEXT NOT NULL,
        snapshot_name TEXT NOT NULL,
        vcpus REAL,
        mem_bytes INTEGER,
        fs_capacity_bytes INTEGER,
        run_config TEXT NOT NULL,
        labels TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        idle_stop_seconds INTEGER NOT NULL,
        delete_after_stop_seconds INTEGER NOT NULL,
        last_active_at INTEGER NOT NULL,
        started_at INTEGER,
        stopped_at INTEGER,
        updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX sandboxes_by_age ON sandboxes (created_at DESC, id);
      CREATE INDEX sandboxes_by_snapshot ON sandboxes (snapshot_id);
      CREATE INDEX sandboxes_by_container ON sandboxes (container_id);

      CREATE TABLE tasks (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        snapshot_id TEXT,
        sandbox_id TEXT,
        state TEXT NOT NULL,
        error TEXT,
        started_at INTEGER NOT NULL,
        ended_at INTEGER
      ) STRICT;
      CREATE INDEX tasks_by_age ON tasks (started_at DESC, id);

      CREATE TABLE removals (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('snapshot', 'sandbox'))
      ) STRICT;
    `,
  },
  {
    version: 2,
    sql: `
      ALTER TABLE snapshots ADD COLUMN registry_id TEXT;
      ALTER TABLE snapshots ADD COLUMN unique_bytes INTEGER;

      ALTER TABLE sandboxes ADD COLUMN pids_limit INTEGER;
      ALTER TABLE sandboxes ADD COLUMN capacity_kind TEXT CHECK (capacity_kind IN ('hard', 'soft'));
      ALTER TABLE sandboxes ADD COLUMN fs_used_bytes INTEGER;
      ALTER TABLE sandboxes ADD COLUMN network INTEGER NOT NULL DEFAULT 1;
      ALTER TABLE sandboxes ADD COLUMN ports TEXT NOT NULL DEFAULT '[]';
      ALTER TABLE sandboxes ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
    `,
  },
  {
    version: 3,
    sql: 'ALTER TABLE sandboxes ADD COLUMN preserve_memory INTEGER NOT NULL DEFAULT 0;',
  },
  {
    version: 4,
    sql: 'ALTER TABLE tasks ADD COLUMN outcome TEXT;',
  },
  {
    version: 5,
    sql: "ALTER TABLE snapshots ADD COLUMN ancestors TEXT NOT NULL DEFAULT '[]';",
  },
  // Layers form a tree: a chain id stands for a layer with all layers below it.
  {
    version: 6,
    sql: `
      CREATE TABLE layers (
        id INTEGER PRIMARY KEY,
        chain_id TEXT NOT NULL UNIQUE,
        below_id INTEGER
      ) STRICT;
      CREATE TABLE image_layers (
        image_id TEXT PRIMARY KEY,
        top_id INTEGER
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
