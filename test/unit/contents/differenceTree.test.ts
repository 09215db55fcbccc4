import { expect, test } from 'vitest';
import { DifferenceTree } from '../../../electron/engine/contents/worker/comparison/differenceTree';
import type { WeighedDifference } from '../../../electron/engine/contents/worker/comparison/weighedDifference';

function difference(
  path: string,
  how: WeighedDifference['difference'],
  kind: 'file' | 'directory' = 'file',
): WeighedDifference {
  const side = { kind, sizeBytes: 5, mode: 0o644, uid: 0, gid: 0, linkTarget: null };
  const isFile = kind === 'file';
  return {
    path,
    difference: how,
    before: how === 'added' ? null : side,
    after: how === 'removed' ? null : side,
    aspects: how === 'changed' ? ['content'] : [],
    addedBytes: isFile && how !== 'removed' ? 5 : 0,
    removedBytes: isFile && how !== 'added' ? 5 : 0,
  };
}

function drawn(tree: DifferenceTree, toggled: string[] = []): string[] {
  return tree.page(toggled, { limit: 1000, offset: 0 }).rows.map(({ name, level, isOpen }) => {
    const sign = isOpen === null ? ' ' : isOpen ? '-' : '+';
    return `${'  '.repeat(level - 1)}${sign} ${name}`;
  });
}

/** An added folder with a number of files. */
function wholeFolder(path: string, count: number): WeighedDifference[] {
  return [
    difference(path, 'added', 'directory'),
    ...Array.from({ length: count }, (_, n) => difference(`${path}/${n + 10}`, 'added')),
  ];
}

test('a package of many files is one row with its contents', () => {
  const tree = new DifferenceTree([
    difference('/etc/motd', 'changed'),
    ...wholeFolder('/usr/share/doc/large', 80),
    ...wholeFolder('/usr/share/doc/small', 2),
    difference('/var/log', 'removed'),
  ]);
  expect(drawn(tree)).toEqual([
    '- etc',
    '    motd',
    '- usr/share/doc',
    '  + large',
    '  - small',
    '      10',
    '      11',
    '- var',
    '    log',
  ]);
  const { rows } = tree.page([], { limit: 2, offset: 2 });
  expect(rows).toMatchObject([
    {
      path: '/usr/share/doc',
      below: { added: 84, changed: 0, removed: 0 },
      addedBytes: 410,
      removedBytes: 0,
      difference: null,
      parentIndex: null,
    },
    { path: '/usr/share/doc/large', below: { added: 80 }, parentIndex: 2 },
  ]);
  expect(drawn(tree, ['/usr/share/doc', '/etc'])).toEqual([
    '+ etc',
    '+ usr/share/doc',
    '- var',
    '    log',
  ]);
});

test('a changed folder and its contents are distinct', () => {
  const tree = new DifferenceTree([
    difference('/a', 'changed', 'directory'),
    difference('/a/b', 'removed'),
  ]);
  expect(tree.page([], { limit: 10, offset: 0 }).rows).toMatchObject([
    { path: '/a', difference: { difference: 'changed' }, below: { removed: 1, changed: 0 } },
    { path: '/a/b', difference: { difference: 'removed' }, level: 2, parentIndex: 0 },
  ]);
});

test('no differences have no rows', () => {
  expect(new DifferenceTree([]).page([], { limit: 10, offset: 0 })).toEqual({ rows: [], total: 0 });
});
