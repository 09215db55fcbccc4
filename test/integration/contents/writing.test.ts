import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ContentsIndex } from '../../../electron/engine/contents/database/contentsIndex';
import { lookAtIndex } from '../../support/contentsFile';
import { filesystem, LARGE, SMALL } from '../../support/filesystem';

const small = { id: 'small', parentId: null, createdAt: 1 };
const large = { id: 'large', parentId: null, createdAt: 2 };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-index-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function open(folder: string): ContentsIndex {
  const index = ContentsIndex.open(join(folder, 'contents.sqlite'));
  onTestFinished(() => index.close());
  return index;
}

async function found(index: ContentsIndex, query: string): Promise<string[]> {
  return (await index.searches.find(query, 10)).hits.map(({ snapshotId }) => snapshotId);
}

/** Counts the entries during the write; stops once it reaches a given count. */
async function writtenEntries(index: ContentsIndex, count: number): Promise<void> {
  const counted = index.database.prepare<[], number>('SELECT count(*) FROM entries').pluck();
  while ((counted.get() ?? 0) < count) await setImmediate();
}

test('queries are answered while a large snapshot is written, and find no part of it', async () => {
  const folder = newFolder();
  const index = open(folder);
  await index.write(small, SMALL);
  let isWritten = false;
  const writing = index.write(large, LARGE).then(() => {
    isWritten = true;
  });
  let answers = 0;
  for (;;) {
    const of = [await found(index, 'large-59'), await found(index, 'large-1')].flat();
    const shared = await found(index, 'shared/file');
    const known = index.ids();
    if (isWritten || known.includes('large')) break;
    expect(of).toEqual([]);
    expect(shared).toEqual(['small']);
    answers += 1;
    await setImmediate();
  }
  await writing;
  expect(answers).toBeGreaterThan(3);
  expect(await found(index, 'large-59')).toEqual(['large']);
  expect((await found(index, 'shared/file')).sort()).toEqual(['large', 'small']);
  expect(index.packages.all(index.find('large')?.number ?? 0)).toHaveLength(3000);
  expect(lookAtIndex(folder).faults).toEqual([]);
});

test('a cancelled write leaves nothing behind, and a rewrite keeps the old rows until its end', async () => {
  const folder = newFolder();
  const index = open(folder);
  await index.write(small, SMALL);
  const before = lookAtIndex(folder);
  const cancelling = new AbortController();
  const writing = index.write({ ...small, createdAt: 3 }, LARGE, cancelling.signal);
  await writtenEntries(index, 10_000);
  expect(await found(index, 'deep/small')).toEqual(['small']);
  cancelling.abort(new Error('Enough.'));
  await expect(writing).rejects.toThrow('Enough.');
  expect(lookAtIndex(folder)).toEqual(before);

  await index.write({ ...small, createdAt: 3 }, LARGE);
  expect(await found(index, 'deep/small')).toEqual([]);
  expect(await found(index, 'large-59')).toEqual(['small']);
  expect(lookAtIndex(folder)).toMatchObject({ rows: { snapshots: 1 }, faults: [] });
});

test('deleting a snapshot while another is written does not affect the other', async () => {
  const folder = newFolder();
  const index = open(folder);
  await index.write(small, SMALL);
  const writing = index.write(large, LARGE);
  await writtenEntries(index, 10_000);
  const removing = index.remove('small');
  await Promise.all([writing, removing]);
  expect(await found(index, 'shared/file')).toEqual(['large']);
  expect(lookAtIndex(folder)).toMatchObject({ rows: { snapshots: 1 }, faults: [] });
  await index.remove('large');
  expect(Object.values(lookAtIndex(folder).rows)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('rows of a killed process are not found, and are removed at the next start', async () => {
  const folder = newFolder();
  const script = resolve(import.meta.dirname, '../../support/killedWriting.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(lookAtIndex(folder).faults).toContain('a folder that nothing has');

  const index = open(folder);
  expect(index.ids()).toEqual(['small']);
  expect(await found(index, 'large-59')).toEqual([]);
  expect(await found(index, 'shared/file')).toEqual(['small']);
  await index.tidy();
  const other = newFolder();
  await open(other).write(small, SMALL);
  expect(lookAtIndex(folder)).toEqual(lookAtIndex(other));
  await index.write(large, { root: filesystem(['/deep/small']), packages: [] });
  expect((await found(index, 'deep/small')).sort()).toEqual(['large', 'small']);
});
