import type { Migration } from './migration';

export const migration001: Migration = {
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
};
