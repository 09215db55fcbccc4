import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import { fromDockerLabels, toDockerLabels } from '../../electron/engine/docker/labels';
import {
  readDescription,
  verifyArchive,
} from '../../electron/engine/snapshots/exchange/snapshotArchive';

/**
 * Files written by the code of commit 5bdf8e1: a catalog, the labels of Docker objects, an exported
 * snapshot, and the values that it read from them. They are never regenerated.
 */
const EARLIER_HOME = join(import.meta.dirname, '../support/earlierHome');

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(EARLIER_HOME, name), 'utf8')) as T;
}

const expected = readJson<{
  sandboxes: Array<{ id: string }>;
  snapshots: Array<{ id: string }>;
  tasks: Array<{ id: string }>;
  pendingCleanups: unknown[];
  imageLayers: Record<string, string[]>;
  labels: Record<string, object>;
  description: unknown;
}>('expected.json');

/** With a column that orders the rows. */
const tables = {
  snapshots: 'id',
  sandboxes: 'id',
  tasks: 'id',
  removals: 'id',
  layers: 'id',
  image_layers: 'image_id',
};

describe('a catalog of version 6, written by commit 5bdf8e1', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandglass-compatibility-'));
    file = join(folder, 'catalog.sqlite');
    copyFileSync(join(EARLIER_HOME, 'catalog.sqlite'), file);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The rows as SQLite has them, with the values of all columns. */
  function rows(): Record<string, unknown[]> {
    const database = new Database(file, { readonly: true });
    const all = Object.entries(tables).map(([table, order]) => [
      table,
      database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all(),
    ]);
    database.close();
    return Object.fromEntries(all);
  }

  it('opens with the same sandboxes, snapshots, tasks, pending cleanups and image layers', () => {
    const catalog = openCatalog(file);
    const read = {
      sandboxes: catalog.sandboxes.all(),
      snapshots: catalog.snapshots.all(),
      tasks: catalog.tasks.recent(),
      pendingCleanups: catalog.pendingCleanups.all(),
      imageLayers: Object.fromEntries(catalog.imageLayers.all()),
    };
    catalog.close();
    const { labels: _, description: __, ...stored } = expected;
    // A later version may have further fields.
    expect(read).toMatchObject(stored);
    expect(read.sandboxes).toHaveLength(3);
    expect(read.snapshots).toHaveLength(4);
    expect(read.tasks).toHaveLength(5);
    expect(read.pendingCleanups).toHaveLength(2);
  });

  it('keeps each value of each column when its records are written again', () => {
    const before = rows();
    const catalog = openCatalog(file);
    for (const sandbox of catalog.sandboxes.all()) catalog.sandboxes.save(sandbox);
    for (const snapshot of catalog.snapshots.all()) catalog.snapshots.save(snapshot);
    for (const task of catalog.tasks.recent()) catalog.tasks.save(task);
    for (const [image, layers] of catalog.imageLayers.all())
      catalog.imageLayers.save(image, layers);
    for (const cleanup of catalog.pendingCleanups.all()) catalog.pendingCleanups.add(cleanup);
    catalog.close();
    expect(rows()).toMatchObject(before);
  });
});

describe('labels written by commit 5bdf8e1', () => {
  const labelled = Object.entries(readJson<Record<string, Record<string, string>>>('labels.json'));

  it.each(labelled)('of %s are read to the same fields', (object, labels) => {
    const read = fromDockerLabels(labels);
    // A snapshot has no snapshot to boot from: null for that version, an empty text for this one.
    const { snapshotId, snapshotName } = read ?? {};
    expect({
      ...read,
      snapshotId: snapshotId || null,
      snapshotName: snapshotName || null,
    }).toMatchObject(expected.labels[object] ?? {});
  });

  it.each(labelled)('of %s are written to the same text', (_, labels) => {
    const read = fromDockerLabels(labels);
    const own = Object.entries(labels).filter(([name]) => name.startsWith('dev.sandglass.'));
    expect(read && toDockerLabels(read)).toMatchObject(Object.fromEntries(own));
  });
});

describe('a snapshot exported by commit 5bdf8e1', () => {
  const file = join(EARLIER_HOME, 'snapshot.tar');

  it('has the same description', async () => {
    expect(await readDescription(file)).toEqual(expected.description);
    expect(expected.description).toMatchObject({ name: 'team/tiny', tag: 'v3', note: 'One file' });
  });

  it('is recognised, and passes the check of its checksums', async () => {
    let bytes = 0;
    const options = {
      signal: new AbortController().signal,
      onBytes: (count: number) => {
        bytes += count;
      },
    };
    expect(await verifyArchive(file, options)).toBe('sandglass');
    expect(bytes).toBeGreaterThan(0);
  });
});
