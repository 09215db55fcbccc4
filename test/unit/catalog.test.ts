import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import { migrations } from '../../electron/engine/catalog/migrations';
import { sandboxQueries } from '../../electron/engine/catalog/sandboxRepository';
import { snapshotQueries } from '../../electron/engine/catalog/snapshotRepository';
import { taskQueries } from '../../electron/engine/catalog/taskRepository';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandglass-catalog-'));
  file = join(folder, 'catalog.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const next = {
  version: migrations.length + 1,
  sql: 'ALTER TABLE sandboxes ADD COLUMN colour TEXT',
};

function refusalOf(open: () => unknown): unknown {
  try {
    open();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('It was not refused.');
}

describe('migrations', () => {
  it('are numbered from 1 without a gap', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1));
  });

  it('back up the old catalog first', () => {
    openCatalog(file).close();
    openCatalog(file, [...migrations, next]).close();
    const backup = new Database(`${file}.v${migrations.length}.backup`, { readonly: true });
    expect(backup.pragma('user_version', { simple: true })).toBe(migrations.length);
    backup.close();
    const now = new Database(file, { readonly: true });
    expect(now.pragma('user_version', { simple: true })).toBe(next.version);
    now.close();
  });

  it('change nothing if one fails, and prevent the start', () => {
    openCatalog(file).close();
    const broken = { version: next.version + 1, sql: 'ALTER TABLE nowhere ADD COLUMN x TEXT' };
    expect(refusalOf(() => openCatalog(file, [...migrations, next, broken]))).toMatchObject({
      code: 'catalog_broken',
    });
    const database = new Database(file, { readonly: true });
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
    const columns = database.pragma('table_info(sandboxes)') as Array<{ name: string }>;
    expect(columns.map(({ name }) => name)).not.toContain('colour');
    database.close();
  });
});

it('a process that is killed during a migration leaves the old catalog', async () => {
  openCatalog(file).close();
  const script = join(import.meta.dirname, '../support/slowMigration.ts');
  const migrating = spawn(process.execPath, ['--import', 'tsx', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(migrating, 'exit');
  await once(migrating.stdout, 'data');
  // Its changes were flushed to the disk.
  const wal = `${file}-wal`;
  while (!existsSync(wal) || statSync(wal).size < 1_000_000) await sleep(20);
  migrating.kill('SIGKILL');
  await exit;
  openCatalog(file, [...migrations, next]).close();
  const database = new Database(file, { readonly: true });
  expect(database.pragma('user_version', { simple: true })).toBe(next.version);
  const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'filler'`).all();
  expect(tables).toEqual([]);
  database.close();
});

describe('a catalog that cannot be used', () => {
  it('is refused if a newer version wrote it', () => {
    openCatalog(file, [...migrations, next]).close();
    expect(refusalOf(() => openCatalog(file))).toMatchObject({
      code: 'catalog_newer',
      hint: expect.stringContaining('Update'),
    });
  });

  it('is kept aside unchanged if it is not a database', () => {
    const text = 'this is not SQLite, but longer than a header would have to be '.repeat(20);
    writeFileSync(file, text);
    openCatalog(file).close();
    const aside = readdirSync(dirname(file)).filter((name) => name.includes('.broken-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(dirname(file), aside[0] ?? ''), 'utf8')).toBe(text);
  });

  it('is refused while another process has it open', () => {
    const first = openCatalog(file);
    expect(refusalOf(() => openCatalog(file))).toMatchObject({ code: 'conflict' });
    first.close();
    openCatalog(file).close();
  });
});

it('answers every hot query through an index', () => {
  openCatalog(file).close();
  const database = new Database(file, { readonly: true });
  const queries = [
    ...Object.values(snapshotQueries),
    ...Object.values(sandboxQueries),
    ...Object.values(taskQueries),
  ];
  for (const query of queries) {
    const parameters = Array(query.split('?').length - 1).fill('1');
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${query}`).all(...parameters) as Array<{
      detail: string;
    }>;
    for (const { detail } of plan) {
      expect(detail, query).not.toMatch(/TEMP B-TREE/);
      if (/^(SCAN|SEARCH)/.test(detail)) expect(detail, query).toMatch(/USING (COVERING )?INDEX/);
    }
  }
  database.close();
});
