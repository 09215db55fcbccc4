import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Package } from '#shared/contract/contents';
import { ContentsIndex } from '../../../electron/engine/contents/database/contentsIndex';
import { filesystem } from '../../support/filesystem';
import { randomFrom } from '../../support/random';

function openIndex(): ContentsIndex {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-index-'));
  const index = ContentsIndex.open(join(folder, 'contents.sqlite'));
  onTestFinished(async () => {
    await index.close();
    rmSync(folder, { recursive: true });
  });
  return index;
}

let clock = 0;

async function write(
  index: ContentsIndex,
  id: string,
  paths: readonly string[],
  packages: Package[] = [],
): Promise<void> {
  clock += 1;
  const snapshot = { id, parentId: null, createdAt: clock };
  await index.write(snapshot, { root: filesystem(paths), packages });
}

async function find(index: ContentsIndex, query: string) {
  const { hits, isWhole } = await index.searches.find(query, 100);
  expect(isWhole).toBe(true);
  return hits;
}

async function pathsOf(index: ContentsIndex, query: string): Promise<Record<string, string[]>> {
  const hits = await find(index, query);
  return Object.fromEntries(hits.map(({ snapshotId, paths }) => [snapshotId, paths]));
}

async function packagesOf(index: ContentsIndex, query: string): Promise<Record<string, string[]>> {
  const found = (await find(index, query)).filter(({ packageCount }) => packageCount > 0);
  return Object.fromEntries(
    found.map(({ snapshotId, packages }) => [
      snapshotId,
      packages.map(({ manager, name, version }) => `${manager} ${name} ${version}`),
    ]),
  );
}

test('a part of a name finds files and folders; parent folders must match exactly', async () => {
  const index = openIndex();
  await write(index, 'a', [
    '/etc/nginx/conf.d/default.conf',
    '/srv/etc/nginx/nginx.conf',
    '/opt/Config.YAML',
  ]);
  await write(index, 'b', ['/etc/config.yaml', '/etc/xnginx/conf', '/home/me/app-config.yaml.bak']);

  expect(await pathsOf(index, 'config.yaml')).toEqual({
    b: ['/etc/config.yaml', '/home/me/app-config.yaml.bak'],
    a: ['/opt/Config.YAML'],
  });
  expect(await pathsOf(index, 'etc/nginx/conf')).toEqual({
    a: ['/etc/nginx/conf.d', '/srv/etc/nginx/nginx.conf'],
  });
  expect(await pathsOf(index, '/etc/nginx/conf')).toEqual({ a: ['/etc/nginx/conf.d'] });
  expect(await pathsOf(index, '/opt')).toEqual({ a: ['/opt'] });
  expect(await pathsOf(index, '/nginx')).toEqual({});
  expect(await pathsOf(index, '/')).toEqual({});
});

test('a query of one or two characters matches prefixes of names', async () => {
  const index = openIndex();
  await write(index, 'a', ['/bin/LS', '/bin/lsof', '/bin/tools', '/srv/日本語', '/srv/x日本']);
  expect(await pathsOf(index, 'ls')).toEqual({ a: ['/bin/LS', '/bin/lsof'] });
  expect(await pathsOf(index, '日本')).toEqual({ a: ['/srv/日本語'] });
  expect(await pathsOf(index, '日本語')).toEqual({ a: ['/srv/日本語'] });
});

test('a package is found by prefixes of its name and version', async () => {
  const index = openIndex();
  const pip = (name: string, version: string): Package => ({ manager: 'pip', name, version });
  await write(index, 'old', [], [pip('numpy', '1.26.4'), pip('numpy-financial', '2.1.0')]);
  await write(index, 'new', [], [pip('NumPy', '2.1.3'), pip('typing_extensions', '4.12')]);
  await write(
    index,
    'debian',
    [],
    [
      { manager: 'apt', name: 'python3-numpy', version: '1:2.1.0+ds-1' },
      { manager: 'apt', name: 'libstdc++6', version: '12.2.0-14' },
      { manager: 'apt', name: 'vim', version: '2:9.0.1378-2' },
      { manager: 'npm', name: '@types/node', version: '20.1.0' },
    ],
  );

  expect(await packagesOf(index, 'numpy')).toEqual({
    new: ['pip NumPy 2.1.3'],
    old: ['pip numpy 1.26.4', 'pip numpy-financial 2.1.0'],
  });
  for (const query of ['numpy 2.1', 'numpy==2.1', 'numpy@2.1', 'NUMPY = 2.1', 'numpy  2.1.3']) {
    expect(Object.keys(await packagesOf(index, query)).toSorted()[0], query).toBe('new');
  }
  expect(await packagesOf(index, 'numpy 2.2')).toEqual({});
  expect(await packagesOf(index, 'typing-ext')).toEqual({ new: ['pip typing_extensions 4.12'] });
  expect(await packagesOf(index, 'libstdc++')).toEqual({ debian: ['apt libstdc++6 12.2.0-14'] });
  expect(await packagesOf(index, 'vim 9.0')).toEqual({ debian: ['apt vim 2:9.0.1378-2'] });
  expect(await packagesOf(index, 'vim 2:9')).toEqual({ debian: ['apt vim 2:9.0.1378-2'] });
  expect(await packagesOf(index, '@types/node@20')).toEqual({ debian: ['npm @types/node 20.1.0'] });
});

test('syntax of the full-text index is literal text', async () => {
  const index = openIndex();
  const names = [
    'a"b"c',
    "it's",
    'x AND y',
    'name:*',
    '100%_x',
    '(a OR b)',
    '^start',
    'a\\b',
    'NEAR(x)',
  ];
  await write(
    index,
    'a',
    names.map((name) => `/odd/${name}`),
  );
  for (const name of names) {
    expect(await pathsOf(index, name), name).toEqual({ a: [`/odd/${name}`] });
  }
  const nothing = [
    '"""',
    '**',
    '--',
    'a* OR b*',
    '%%%',
    '\0\0',
    'x\0y',
    '\ud800\ud800\ud800',
    '={}',
    '@@',
  ];
  for (const query of nothing) expect(await find(index, query), query).toEqual([]);
});

test('packages with the exact name come first, then files with it, then others, each newest first', async () => {
  const index = openIndex();
  const jq = (name: string): Package => ({ manager: 'apt', name, version: '1.7' });
  await write(index, 'package 1', [], [jq('jqx'), jq('jqx-tools')]);
  await write(index, 'file', ['/bin/jqx']);
  await write(index, 'other file', ['/bin/jqx.conf']);
  await write(index, 'other package', [], [jq('jqx-tools')]);
  await write(index, 'package 2', ['/usr/share/jqx/README'], [jq('jqx')]);
  const { hits, total } = await index.searches.find('jqx', 4);
  expect(hits.map(({ snapshotId }) => snapshotId)).toEqual([
    'package 2',
    'package 1',
    'file',
    'other package',
  ]);
  expect(total).toBe(5);
  expect(hits[1]).toMatchObject({ packageCount: 2, pathCount: 0 });
});

test('any search finds the same as a scan of every path, in filesystems that share folders', async () => {
  const index = openIndex();
  const random = randomFrom(7);
  const int = (below: number) => Math.floor(random() * below);
  const pick = (from: readonly string[]) => from[int(from.length)] ?? '';
  const names = ['lib', 'LIB', 'conf', 'app.conf', 'etc', 'nginx', 'x', 'xy', 'data', 'libdata'];
  const path = () => `/${Array.from({ length: 1 + int(5) }, () => pick(names)).join('/')}`;
  const all = new Map<string, Set<string>>();
  for (let number = 0; number < 12; number += 1) {
    const base = [...(all.get(`s${number - 1}`) ?? [])].filter(() => int(10) > 0);
    const files = [...base, ...Array.from({ length: 30 }, path)];
    // Folders are included. No file takes the place of another path's folder.
    const withFolders = files.flatMap((file) => {
      const names = file.split('/').slice(1);
      return names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
    });
    const paths = new Set(withFolders);
    const isFolder = (one: string) => [...paths].some((other) => other.startsWith(`${one}/`));
    await write(
      index,
      `s${number}`,
      [...paths].map((one) => (isFolder(one) ? `${one}/` : one)),
    );
    all.set(`s${number}`, paths);
  }

  const queries = [
    'lib',
    'conf',
    'x',
    'xy',
    'etc/nginx',
    '/etc',
    '/lib/data',
    'x/conf',
    'lib/lib/d',
    'ngi',
  ];
  for (const query of queries) {
    const expected = new Map<string, string[]>();
    for (const [id, paths] of all) {
      const fitting = [...paths].filter((one) => fits(one.toLowerCase(), query));
      if (fitting.length > 0) expected.set(id, fitting);
    }
    const hits = await find(index, query);
    expect(
      Object.fromEntries(hits.map(({ snapshotId, pathCount }) => [snapshotId, pathCount])),
      query,
    ).toEqual(Object.fromEntries([...expected].map(([id, { length }]) => [id, length])));
    const name = query.split('/').at(-1);
    const rank = (one: string) => (one.toLowerCase().split('/').at(-1) === name ? 0 : 1);
    for (const { snapshotId, paths } of hits) {
      const best = (expected.get(snapshotId) ?? []).sort(
        (a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1),
      );
      expect(paths, query).toEqual(best.slice(0, 5));
    }
  }
});

/** Matches one path with a query, as the contract describes it. */
function fits(path: string, query: string): boolean {
  const names = path.split('/').slice(1);
  const parents = query.split('/').filter(Boolean);
  const text = parents.pop() ?? '';
  const last = names.pop() ?? '';
  const isIn = text.length < 3 ? last.startsWith(text) : last.includes(text);
  const folders = names.slice(-parents.length || names.length);
  const inFolders = parents.length === 0 || folders.join('/') === parents.join('/');
  return isIn && inFolders && (!query.startsWith('/') || names.length === parents.length);
}

test('a query that matches most names returns a part marked as incomplete, and can be cancelled', async () => {
  const index = openIndex();
  const names = Array.from(
    { length: 30_000 },
    (_, number) => `/many/d${number % 300}/file-${number}`,
  );
  await write(index, 'a', [...names, '/etc/file']);
  const { hits, isWhole } = await index.searches.find('file', 10);
  expect(isWhole).toBe(false);
  expect(hits[0]?.paths[0]).toBe('/etc/file');
  expect(hits[0]?.pathCount).toBeGreaterThan(10_000);

  const stop = new AbortController();
  const search = index.searches.find('file', 10, stop.signal);
  stop.abort(new Error('enough'));
  await expect(search).rejects.toThrow('enough');
}, 120_000);
