import type { Migration } from './migration';

export const migration004: Migration = {
  version: 4,
  sql: 'ALTER TABLE tasks ADD COLUMN outcome TEXT;',
};
