import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Incremented with every change of the schema. An index of another version is rebuilt. */
const VERSION = 3;

/**
 * Filesystems as trees of folders. Snapshots share equal folders, so a capture adds only the changed
 * folders and their ancestors. The full-text tables have no triggers: a trigger's statement makes FTS5
 * flush each row, which takes about twice as long.
 */
const schema = `
  CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE VIRTUAL TABLE names_fts USING fts5
    (name, content='names', content_rowid='id', tokenize='trigram');

  CREATE TABLE trees (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    entry_count INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entries (
    tree_id INTEGER NOT NULL,
    name_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'directory', 'symlink', 'other')),
    size_bytes INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    content BLOB,
    link_target TEXT,
    is_hard_link INTEGER NOT NULL,
    subtree_id INTEGER,
    PRIMARY KEY (tree_id, name_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_name ON entries (name_id);
  CREATE INDEX entries_by_subtree ON entries (subtree_id) WHERE subtree_id IS NOT NULL;

  CREATE TABLE orphans (tree_id INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE snapshots (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT,
    created_at INTEGER NOT NULL,
    root_id INTEGER NOT NULL,
    picture TEXT
  ) STRICT;
  CREATE INDEX snapshots_by_root ON snapshots (root_id);

  CREATE TABLE packages (
    id INTEGER PRIMARY KEY,
    manager TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (manager, name, version)
  ) STRICT;
  CREATE VIRTUAL TABLE packages_fts USING fts5
    (name, version, content='packages', content_rowid='id', prefix='2 3',
     tokenize="unicode61 tokenchars '.+~:'");
  CREATE TABLE snapshot_packages (
    snapshot_number INTEGER NOT NULL,
    package_id INTEGER NOT NULL,
    PRIMARY KEY (snapshot_number, package_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX snapshot_packages_by_package ON snapshot_packages (package_id);
`;

/**
 * Opens the index of snapshot contents. Everything in it can be read again, so a damaged index or one
 * of another version is deleted.
 */
export function openContentsDatabase(file: string): Database.Database {
  try {
    const database = openFile(file);
    const version = database.pragma('user_version', { simple: true });
    if (version === VERSION) return database;
    if (version === 0) {
      database.exec(`BEGIN; ${schema} PRAGMA user_version = ${VERSION}; COMMIT`);
      return database;
    }
    database.close();
  } catch (thrown) {
    const isUnfinished = (thrown as { code?: unknown }).code === 'SQLITE_ERROR';
    if (!isDamage(thrown) && !isUnfinished) throw thrown;
  }
  removeFiles(file);
  return openContentsDatabase(file);
}

/** Deletes a damaged index. */
export function discardContentsDatabase(database: Database.Database): void {
  database.close();
  removeFiles(database.name);
}

/** True for SQLite's errors about a damaged file. */
export function isDamage(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code);
}

function removeFiles(file: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
}

function openFile(file: string): Database.Database {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    // A power failure may lose the last transactions; those snapshots are indexed again.
    database.pragma('synchronous = NORMAL');
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
