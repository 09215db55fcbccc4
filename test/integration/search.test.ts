import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { writeSandboxFile } from '../support/sandboxFiles';

let sandglass: Engine;
let operations: Engine['operations'];
const sandbox = 'box';
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: sandbox, snapshotName: 'base' });
  const write = (path: string, text: string) =>
    writeSandboxFile(sandglass, { sandbox, path, bytes: new TextEncoder().encode(text) });
  await write('/work/a.py', 'import os\nprint("a.*b")\n');
  await write('/work/sub/b.py', 'nothing\n');
  await write('/work/sub/deep/c.txt', 'a.*b here\nand a.*b there\n');
  await write('/work/sub/with space: 1\n2.py', 'x\na.*b\n');
  await write('/work/.hidden', 'axxb\n');
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

async function glob(pattern: string, limit = 1000) {
  const { matches, truncated } = await operations.sandboxes.globFiles({
    ...{ sandbox, path: '/work', pattern, limit },
  });
  return { paths: matches.map(({ path }) => path), truncated };
}

it('files are found by their paths, in order', async () => {
  expect((await glob('*')).paths).toEqual(['/work/.hidden', '/work/a.py', '/work/sub']);
  expect((await glob('**/*.py')).paths).toEqual([
    '/work/a.py',
    '/work/sub/b.py',
    '/work/sub/with space: 1\n2.py',
  ]);
  expect((await glob('sub/?.py')).paths).toEqual(['/work/sub/b.py']);
  expect(await glob('**', 2)).toMatchObject({ truncated: true, paths: { length: 2 } });
});

it('lines are found by literal text', async () => {
  const { matches, truncated } = await operations.sandboxes.grepFiles({
    ...{ sandbox, path: '/work', text: 'a.*b' },
  });
  expect(truncated).toBe(false);
  expect(matches).toEqual([
    { path: '/work/a.py', line: 2, text: 'print("a.*b")' },
    { path: '/work/sub/deep/c.txt', line: 1, text: 'a.*b here' },
    { path: '/work/sub/deep/c.txt', line: 2, text: 'and a.*b there' },
    { path: '/work/sub/with space: 1\n2.py', line: 2, text: 'a.*b' },
  ]);
  const some = await operations.sandboxes.grepFiles({
    ...{ sandbox, path: '/work', text: 'a.*b', glob: '*.py', limit: 1 },
  });
  expect(some).toMatchObject({ truncated: true, matches: [{ path: '/work/a.py' }] });
  const option = { sandbox, path: '/work', text: '-e' };
  expect((await operations.sandboxes.grepFiles(option)).matches).toEqual([]);
});

it('a missing folder is reported', async () => {
  const call = operations.sandboxes.globFiles({ sandbox, path: '/nowhere', pattern: '*' });
  expect((await refusal(call)).code).toBe('file_not_found');
});
