import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Queries that find orphaned rows and dangling references in the contents index. */
const faults: Record<string, string> = {
  'a folder that nothing has': `SELECT id FROM trees
    WHERE id NOT IN (SELECT root_id FROM snapshots)
      AND id NOT IN (SELECT subtree_id FROM entries WHERE subtree_id IS NOT NULL)`,
  'an entry of no folder':
    'SELECT tree_id FROM entries WHERE tree_id NOT IN (SELECT id FROM trees)',
  'an entry without its folder': `SELECT subtree_id FROM entries
    WHERE subtree_id IS NOT NULL AND subtree_id NOT IN (SELECT id FROM trees)`,
  'an entry without a name':
    'SELECT name_id FROM entries WHERE name_id NOT IN (SELECT id FROM names)',
  'a name that nothing has': 'SELECT id FROM names WHERE id NOT IN (SELECT name_id FROM entries)',
  'a snapshot without a root': `SELECT id FROM snapshots
    WHERE root_id NOT IN (SELECT id FROM trees)`,
  'a package that no snapshot has': `SELECT id FROM packages
    WHERE id NOT IN (SELECT package_id FROM snapshot_packages)`,
  'packages of no snapshot': `SELECT snapshot_number FROM snapshot_packages
    WHERE snapshot_number NOT IN (SELECT number FROM snapshots)
       OR package_id NOT IN (SELECT id FROM packages)`,
};

export interface IndexFacts {
  /** Number of rows by table. */
  rows: Record<string, number>;
  faults: string[];
}

/** Checks a copy of a home's index, which may be in use. */
export function lookAtIndex(home: string): IndexFacts {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-index-'));
  const file = join(folder, 'copy.sqlite');
  const source = join(home, 'contents.sqlite');
  // An open read transaction blocks checkpoints while the files are copied.
  const reader = existsSync(`${source}-shm`) ? new Database(source, { readonly: true }) : null;
  reader?.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  for (const part of ['', '-wal']) {
    if (existsSync(source + part)) copyFileSync(source + part, file + part);
  }
  reader?.close();
  const database = new Database(file);
  try {
    const found = Object.entries(faults)
      .filter(([, sql]) => database.prepare(`${sql} LIMIT 1`).get() !== undefined)
      .map(([fault]) => fault);
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') found.push('damage');
    // FTS5's integrity check: throws where the full-text table differs from its content table.
    for (const table of ['names_fts', 'packages_fts']) {
      database.exec(`INSERT INTO ${table} (${table}, rank) VALUES ('integrity-check', 1)`);
    }
    const tables = ['names', 'trees', 'entries', 'snapshots', 'packages', 'snapshot_packages'];
    const rows = tables.map((table): [string, number] => [
      table,
      database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0,
    ]);
    return { rows: Object.fromEntries(rows), faults: found };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}
