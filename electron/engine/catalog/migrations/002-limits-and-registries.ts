import type { Migration } from './migration';

export const migration002: Migration = {
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
};
