import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import tar, { type Header } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { ContentsIndex } from '../../../electron/engine/contents/database/contentsIndex';
import { Comparisons } from '../../../electron/engine/contents/worker/comparison/comparisons';
import { readFilesystem } from '../../../electron/engine/contents/worker/readFilesystem';

type Entry = Partial<Header> & { name: string; content?: string };

const time = new Date('2026-01-02T03:04:05Z');

function file(name: string, content: string, more: Partial<Header> = {}): Entry {
  return { name, content, mtime: time, mode: 0o644, ...more };
}

function openIndex(): ContentsIndex {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-index-'));
  const index = ContentsIndex.open(join(folder, 'contents.sqlite'));
  onTestFinished(async () => {
    await index.close();
    rmSync(folder, { recursive: true });
  });
  return index;
}

async function add(index: ContentsIndex, archive: Readable) {
  const id = randomUUID();
  const options = { onBytes: () => {}, untilResumed: () => null };
  await index.write(
    { id, parentId: null, createdAt: 0 },
    await readFilesystem(archive, 0, options),
  );
  const found = index.find(id);
  if (!found) throw new Error('It was not written.');
  return found;
}

function packed(entries: readonly Entry[]): Readable {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return Readable.from(pack);
}

/** Returns a line for each difference, the sums, and the comparison in reverse. */
async function compared(before: readonly Entry[], after: readonly Entry[]) {
  const index = openIndex();
  const [from, to] = [await add(index, packed(before)), await add(index, packed(after))];
  const comparisons = new Comparisons(index);
  const query = { fromId: from.id, toId: to.id, limit: 1000, offset: 0 };
  const { differences, ...sums } = await comparisons.page(from, to, query);
  const back = await comparisons.page(to, from, query);
  const lines = differences.map(({ path, difference, aspects }) =>
    [difference, path, ...aspects].join(' '),
  );
  return { lines, sums, back };
}

test('a changed kind is reported with all contents of the folder', async () => {
  const { lines, back } = await compared(
    [
      { name: 'folder', type: 'directory', mode: 0o755 },
      file('folder/inside', 'in'),
      file('file', 'text'),
      { name: 'link', type: 'symlink', linkname: 'file', mode: 0o777 },
    ],
    [
      file('folder', 'now a file', { mode: 0o755 }),
      { name: 'file', type: 'directory', mode: 0o644 },
      file('file/inside', 'in'),
      { name: 'link', type: 'symlink', linkname: 'folder', mode: 0o777 },
    ],
  );
  expect(lines).toEqual([
    'changed /file kind',
    'added /file/inside',
    'changed /folder kind',
    'removed /folder/inside',
    'changed /link target',
  ]);
  expect(back.counts).toEqual({ added: 1, changed: 3, removed: 1 });
});

test('a second hard link has no bytes, and has the differences of the first', async () => {
  const pair = (content: string): Entry[] => [
    file('one', content),
    { name: 'two', type: 'link', linkname: 'one', mtime: time },
  ];
  const { lines, sums } = await compared(pair('12345'), pair('1234567'));
  expect(lines).toEqual(['changed /one content', 'changed /two content']);
  expect(sums).toMatchObject({ addedBytes: 7, removedBytes: 5 });
  // The first hard link is removed, the second one unchanged.
  const left = await compared(pair('12345'), [file('two', '12345')]);
  expect(left.lines).toEqual(['removed /one']);
});

test('entries that differ only in time are equal', async () => {
  const later = new Date('2026-06-01T00:00:00Z');
  expect((await compared([file('a', 'x')], [file('a', 'x', { mtime: later })])).lines).toEqual([]);
});

test('names that are not UTF-8 stay distinct', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-names-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const byte of [0xfd, 0xfe, 0xff]) {
    const name = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([byte])]);
    writeFileSync(name, String(byte));
  }
  const archive = execFileSync('tar', ['-c', '--sort=name', '-C', folder, '.']);
  const index = openIndex();
  const from = await add(index, packed([]));
  const to = await add(index, Readable.from([archive]));
  const query = { fromId: from.id, toId: to.id, limit: 10, offset: 0 };
  const { counts, addedBytes } = await new Comparisons(index).page(from, to, query);
  expect(counts).toEqual({ added: 3, changed: 0, removed: 0 });
  expect(addedBytes).toBe(9);
});

test('a snapshot that replaces a deleted one is compared again', async () => {
  const index = openIndex();
  const comparisons = new Comparisons(index);
  const from = await add(index, packed([]));
  const gone = await add(index, packed([file('gone', '')]));
  const query = { fromId: from.id, toId: gone.id, limit: 10, offset: 0 };
  await comparisons.page(from, gone, query);
  await index.remove(gone.id);
  const to = await add(index, packed([file('come', '')]));
  const found = await comparisons.page(from, to, { ...query, toId: to.id });
  expect(found.differences.map(({ path }) => path)).toEqual(['/come']);
});

test('very many differences: pages, filters and folders, while other queries are answered', async () => {
  const many = (count: number, content: string) =>
    Array.from({ length: count }, (_, n) =>
      file(`data/${String(n % 20).padStart(2, '0')}/${n}.txt`, content),
    );
  const index = openIndex();
  const from = await add(index, packed([...many(6000, 'a'), file('etc/motd', 'old')]));
  const to = await add(index, packed([...many(10_000, 'bb'), file('etc/motd', 'new')]));
  const comparisons = new Comparisons(index);
  const query = { fromId: from.id, toId: to.id, limit: 1000, offset: 0 };

  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  const first = await comparisons.page(from, to, query);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
  expect(first.counts).toEqual({ added: 4000, changed: 6001, removed: 0 });
  expect(first.addedBytes).toBe(20_000 + 3);
  expect(first.removedBytes).toBe(6000 + 3);

  const paths: string[] = [];
  for (let offset = 0; offset < 10_001; offset += 1000) {
    const { differences } = await comparisons.page(from, to, { ...query, offset });
    paths.push(...differences.map(({ path }) => path));
  }
  expect(new Set(paths).size).toBe(10_001);
  const only = { ...query, difference: 'added' as const, pathContains: '/DATA/07' };
  expect((await comparisons.page(from, to, only)).total).toBe(200);

  const tree = await comparisons.treePage(from, to, { ...query, toggled: [] });
  expect(tree.rows.slice(0, 2).map(({ name, isOpen }) => `${name} ${isOpen}`)).toEqual([
    'data true',
    '00 false',
  ]);
  expect(tree.total).toBe(1 + 20 + 2);
  const opened = { ...query, toggled: ['/data/00', '/data/01'], offset: 600 };
  const page = await comparisons.treePage(from, to, opened);
  expect(page.total).toBe(23 + 1000);
  expect(page.rows).toHaveLength(423);
  expect(page.rows.at(0)).toMatchObject({ level: 3, parentIndex: 502, isOpen: null });
}, 120_000);
