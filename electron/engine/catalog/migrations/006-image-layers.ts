import type { Migration } from './migration';

/** Layers as the tree that they are: a chain id stands for a layer with all below it. */
export const migration006: Migration = {
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
};
