import type { Migration } from './migration';

export const migration005: Migration = {
  version: 5,
  sql: "ALTER TABLE snapshots ADD COLUMN ancestors TEXT NOT NULL DEFAULT '[]';",
};
