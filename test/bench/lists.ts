import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import { openEngine } from '../../electron/engine/engine';
import { buildingRecord } from '../../electron/engine/snapshots/newSnapshot';
import { type Comparison, compare } from './measure';

const COUNT = 10_000;

/** A page of a long list, compared with the same rows read by SQL. */
export async function benchLists(): Promise<Comparison[]> {
  const home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  const file = join(home, 'catalog.sqlite');
  const catalog = openCatalog(file);
  for (let i = 0; i < COUNT; i += 1) {
    const made = buildingRecord({ name: `team/project-${i}` }, { id: randomUUID(), createdAt: i });
    catalog.snapshots.save({ ...made, status: 'ready' });
  }
  catalog.close();
  // The open engine holds SQLite's lock, so the peer reads a copy.
  const copy = join(home, 'copy.sqlite');
  const source = new Database(file);
  source.prepare('VACUUM INTO ?').run(copy);
  source.close();
  const raw = new Database(copy, { readonly: true });
  // No daemon: one without these images would make the engine drop the rows.
  const env = { DOCKER_HOST: `unix://${join(home, 'nobody.sock')}` };
  const sandglass = openEngine({ home, env });
  const { snapshots } = sandglass.operations;
  const page = raw.prepare('SELECT * FROM snapshots ORDER BY created_at DESC, id LIMIT 50');
  const filtered = raw.prepare(
    "SELECT * FROM snapshots WHERE name LIKE '%99%' ORDER BY created_at DESC, id LIMIT 50",
  );
  const count = raw.prepare('SELECT count(*) FROM snapshots');
  const countFiltered = raw.prepare("SELECT count(*) FROM snapshots WHERE name LIKE '%99%'");
  const first = await compare(
    'List the first 50 of 10,000 snapshots',
    50,
    { name: 'Sandglass', run: () => snapshots.list({ limit: 50 }) },
    { name: 'the SQL alone', run: async () => [page.all(), count.get()] },
  );
  const search = await compare(
    'Find by a part of the name among 10,000',
    50,
    { name: 'Sandglass', run: () => snapshots.list({ limit: 50, nameContains: '99' }) },
    { name: 'the SQL alone', run: async () => [filtered.all(), countFiltered.get()] },
  );
  await sandglass.close();
  raw.close();
  await rm(home, { recursive: true });
  return [first, search];
}
