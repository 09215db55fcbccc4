import type { Migration } from './migration';

export const migration003: Migration = {
  version: 3,
  sql: 'ALTER TABLE sandboxes ADD COLUMN preserve_memory INTEGER NOT NULL DEFAULT 0;',
};
