import { expect, it } from 'vitest';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import { ancestryOf, readLineage } from '#shared/lineage';
import { type LineageNode, lineageTree } from '#shared/lineageTree';

let clock = 0;

function built(id: string, image: string | null = 'debian:12', name = id): Snapshot {
  const facts: Partial<Snapshot> = { id, name, image, tag: null, createdAt: clock++ };
  return { ...facts, parentSnapshotId: null, ancestors: [] } as unknown as Snapshot;
}

function captured(id: string, parentSnapshotId: string, name = id): Snapshot {
  return { ...built(id, null, name), parentSnapshotId };
}

function sandbox(id: string, snapshotId: string, status: Sandbox['status'] = 'ready'): Sandbox {
  return { id, name: id, snapshotId, snapshotName: `name of ${snapshotId}`, status } as Sandbox;
}

/** Returns a line for each node, indented by its level. */
function draw(node: LineageNode, level = 0): string[] {
  const text = {
    image: () => node.key,
    snapshot: () => node.key,
    deleted: () => `deleted ${node.item.kind === 'deleted' ? node.item.name : ''}`,
    sandbox: () => node.key,
    more: () => (node.item.kind === 'more' ? `${node.item.count} more ${node.item.of}` : ''),
    earlier: () => (node.item.kind === 'earlier' ? `${node.item.count} earlier` : ''),
  }[node.item.kind]();
  return [
    `${'  '.repeat(level)}${text}`,
    ...node.children.flatMap((child) => draw(child, level + 1)),
  ];
}

function count(node: LineageNode): number {
  return node.children.reduce((sum, child) => sum + count(child), 1);
}

it('a lineage has the image, its snapshots, their captures, and sandboxes as leaves', () => {
  const snapshots = [
    built('base'),
    built('other', 'alpine:3'),
    captured('mid', 'base'),
    captured('leaf', 'mid'),
    captured('twin', 'base'),
  ];
  const sandboxes = [
    sandbox('stopped', 'base', 'stopped'),
    sandbox('runs', 'base'),
    sandbox('deep', 'leaf'),
    sandbox('elsewhere', 'other'),
  ];
  for (const current of ['base', 'leaf', 'twin']) {
    expect(draw(lineageTree(readLineage(snapshots), sandboxes, current))).toEqual([
      'image debian:12',
      '  base',
      '    sandbox runs',
      '    sandbox stopped',
      '    twin',
      '    mid',
      '      leaf',
      '        sandbox deep',
    ]);
  }
});

it('captures of a deleted snapshot stay together below it', () => {
  const snapshots = [captured('a', 'gone'), captured('b', 'gone'), built('alone', null)];
  const lineage = readLineage(snapshots);
  expect(draw(lineageTree(lineage, [], 'a'))).toEqual(['deleted null', '  b', '  a']);
  expect(draw(lineageTree(lineage, [sandbox('s', 'gone')], 'b'))[0]).toBe('deleted name of gone');
  expect(draw(lineageTree(lineage, [], 'alone'))).toEqual(['alone']);
});

it('deleted snapshots keep their place as far as captures record it', () => {
  const remembered = (id: string, ...ids: string[]) => ({
    ...captured(id, ids[0] ?? ''),
    ancestors: ids.map((ancestor) => ({ id: ancestor, name: `was ${ancestor}` })),
  });
  const snapshots = [
    built('base'),
    remembered('twin', 'base'),
    remembered('a', 'y', 'x', 'base'),
    remembered('b', 'x', 'base'),
    remembered('c', 'a', 'y', 'x', 'base'),
    remembered('d', 'q', 'p'),
  ];
  for (const current of ['base', 'twin', 'b', 'c']) {
    expect(draw(lineageTree(readLineage(snapshots), [], current))).toEqual([
      'image debian:12',
      '  base',
      '    deleted was x',
      '      deleted was y',
      '        a',
      '          c',
      '      b',
      '    twin',
    ]);
  }
  expect(draw(lineageTree(readLineage(snapshots), [], 'd'))).toEqual([
    'deleted was p',
    '  deleted was q',
    '    d',
  ]);
});

it('a cycle in a corrupt catalog begins with its oldest snapshot', () => {
  const snapshots = [
    captured('tail', 'c'),
    captured('b', 'a'),
    captured('a', 'c'),
    captured('c', 'b'),
    captured('self', 'self'),
  ];
  const lineage = readLineage(snapshots);
  expect(ancestryOf('tail', lineage)).toEqual(['b', 'c', 'tail']);
  expect(draw(lineageTree(lineage, [], 'a'))).toEqual(['b', '  c', '    a', '    tail']);
  expect(draw(lineageTree(lineage, [], 'self'))).toEqual(['self']);
});

it('versions of a name are numbered by age', () => {
  const { versions } = readLineage([built('y', 'x', 'n'), built('z', 'x', 'n'), built('w')]);
  expect(versions.get('y')).toEqual({ number: 1, of: 2 });
  expect(versions.get('z')).toEqual({ number: 2, of: 2 });
  expect(versions.get('w')).toEqual({ number: 1, of: 1 });
});

it('a wide lineage shows the neighbours of the current snapshot and counts the rest', () => {
  const snapshots = Array.from({ length: 5000 }, (_, i) => built(`s${i}`)).concat(
    Array.from({ length: 4999 }, (_, i) => captured(`c${i}`, 's7')),
  );
  const lineage = readLineage(snapshots);
  const sandboxes = Array.from({ length: 40 }, (_, i) => sandbox(`box${i}`, 's7'));
  const tree = lineageTree(lineage, sandboxes, 's7');
  const drawn = draw(tree);
  expect(drawn).toContain('  s7');
  expect(drawn).toContain('  4992 more snapshots');
  expect(drawn).toContain('    4991 more snapshots');
  expect(drawn).toContain('    32 more sandboxes');
  expect(count(tree)).toBeLessThan(40);
  const wider = lineageTree(lineage, sandboxes, 's7', new Map([['s7', 50]]));
  expect(draw(wider)).toContain('    4941 more snapshots');
  expect(draw(lineageTree(lineage, [], 's7', new Map([['s7', 1e6]])))).toHaveLength(5009);
});

it('a very long chain is cut above and below the current snapshot', () => {
  const snapshots = [built('n0')];
  for (let i = 1; i < 10_000; i++) snapshots.push(captured(`n${i}`, `n${i - 1}`));
  const tree = lineageTree(readLineage(snapshots), [], 'n5000');
  expect(tree.item).toEqual({ kind: 'earlier', snapshotId: 'n4950', count: 4952 });
  expect(tree.children[0]?.key).toBe('n4951');
  expect(count(tree)).toBeLessThan(400);
  expect(draw(tree).at(-1)).toContain('1 more snapshots');
});

it('many generations with many captures are limited in number', () => {
  const snapshots = [built('r')];
  for (let i = 0; i < 3000; i++) {
    snapshots.push(captured(`x${i}`, i < 10 ? 'r' : `x${Math.floor(i / 10) - 1}`));
  }
  expect(count(lineageTree(readLineage(snapshots), [], 'r'))).toBeLessThan(600);
});
