import { describe, expect, it } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import { groupVersions } from '#shared/versions';
import { titlesAmong } from '../../renderer/features/common/describeSnapshot';
import {
  arrange,
  filterGroups,
  type GallerySort,
} from '../../renderer/features/snapshots/gallery/arrange';
import {
  filterChips,
  type GalleryFilter,
  noFilter,
} from '../../renderer/features/snapshots/gallery/filter';
import {
  layOutGrid,
  type Move,
  moveFrom,
} from '../../renderer/features/snapshots/gallery/gridLayout';
import { groupByLineage } from '../../renderer/features/snapshots/gallery/lineageGroups';
import { parseSize } from '../../renderer/ui/form/parseSize';

const MIB = 1024 ** 2;

function snapshot(name: string, change: Partial<Snapshot> = {}): Snapshot {
  return {
    ...{ id: name, name, tag: null, status: 'ready', statusMessage: null, image: 'debian:12' },
    ...{ imageDigest: null, platform: null, sourceSandboxId: null, sourceSandboxName: null },
    ...{
      parentSnapshotId: null,
      ancestors: [],
      fsCapacityBytes: null,
      registryId: null,
      sizeBytes: null,
    },
    ...{ uniqueBytes: null, runConfig: { user: null, workDir: null, env: {} }, note: '' },
    ...{ labels: {}, favourite: false, createdAt: 0, updatedAt: 0, sandboxCount: 0 },
    ...change,
  };
}

function capture(name: string, parent: string, change: Partial<Snapshot> = {}): Snapshot {
  const source = { image: null, sourceSandboxId: 'x', sourceSandboxName: 'box' };
  return snapshot(name, { ...source, parentSnapshotId: parent, ...change });
}

it('versions of a name have different titles', () => {
  const all = [
    snapshot('a', { id: '11111111-aaaa' }),
    snapshot('a', { id: '22222222-aaaa' }),
    snapshot('a', { id: '33333333-aaaa', tag: 'v1' }),
    snapshot('b', { id: '44444444-aaaa' }),
    snapshot('b', { id: '55555555-aaaa', tag: 'v1' }),
  ];
  const called = ['a 11111111', 'a 22222222', 'a:v1', 'b', 'b:v1'];
  expect(all.map(titlesAmong(all))).toEqual(called);
});

describe('filters and sorts', () => {
  const all = [
    snapshot('base', { sizeBytes: 100 * MIB, uniqueBytes: 1, createdAt: 1, sandboxCount: 1 }),
    capture('data-10', 'base', { sizeBytes: 300 * MIB, uniqueBytes: 9, createdAt: 2 }),
    capture('data-9', 'base', { sizeBytes: 200 * MIB, createdAt: 3, labels: { team: 'ml' } }),
    snapshot('file', { image: null, createdAt: 4, favourite: true, labels: { team: 'a=b' } }),
  ];
  const shown = (filter: Partial<GalleryFilter>, sort: GallerySort = 'newest') =>
    filterGroups(arrange(all, sort), { ...noFilter, ...filter }).map(({ name }) => name);

  it.each<[GallerySort, string[]]>([
    ['newest', ['file', 'data-9', 'data-10', 'base']],
    ['name', ['base', 'data-9', 'data-10', 'file']],
    ['size', ['data-10', 'data-9', 'base', 'file']],
    ['unique-size', ['data-10', 'base', 'file', 'data-9']],
    ['favourites', ['file', 'data-9', 'data-10', 'base']],
  ])('by %s', (sort, order) => expect(shown({}, sort)).toEqual(order));

  it.each<[Partial<GalleryFilter>, string[]]>([
    [{ text: ' DATA' }, ['data-9', 'data-10']],
    [{ text: 'debian' }, ['base']],
    [{ text: 'captured from box' }, ['data-9', 'data-10']],
    [{ origin: 'image' }, ['base']],
    [{ origin: 'captured' }, ['data-9', 'data-10']],
    [{ origin: 'file' }, ['file']],
    [{ label: 'team' }, ['file', 'data-9']],
    [{ label: 'team=ml' }, ['data-9']],
    [{ label: 'team=a=b' }, ['file']],
    [{ label: 'tea' }, []],
    [{ label: 'toString' }, []],
    [{ unused: true }, ['file', 'data-9', 'data-10']],
    [{ favourite: true }, ['file']],
    [{ minBytes: 200 * MIB }, ['data-9', 'data-10']],
    [{ minBytes: 150 * MIB, maxBytes: 250 * MIB }, ['data-9']],
    [{ origin: 'captured', label: 'team' }, ['data-9']],
  ])('by %o', (filter, names) => expect(shown(filter)).toEqual(names));

  it('a name is shown with all versions if any of them matches', () => {
    const versions = [
      snapshot('base', { id: 'new', createdAt: 2 }),
      snapshot('base', { id: 'old', createdAt: 1, favourite: true }),
    ];
    const [group] = filterGroups(arrange(versions, 'newest'), { ...noFilter, favourite: true });
    expect(group?.head.id).toBe('new');
    expect(group?.versions.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it('lists its filters, each with a way to remove it', () => {
    const filter: GalleryFilter = {
      ...{ text: 'py ', origin: 'captured', label: 'team=ml', unused: true },
      ...{ favourite: true, minBytes: 100 * MIB, maxBytes: 1024 * MIB },
    };
    const chips = filterChips(filter);
    expect(chips.map(({ text }) => text)).toEqual([
      ...['“py”', 'Captured', 'Label team=ml', 'Unused', 'Favourites'],
      ...['From 100 MiB', 'Up to 1.00 GiB'],
    ]);
    expect(Object.assign({ ...filter }, ...chips.map(({ removal }) => removal))).toEqual(noFilter);
  });
});

it.each([
  ['500', 500 * MIB],
  ['500 mb', 500 * MIB],
  ['1.5 GiB', 1536 * MIB],
  ['1,5g', 1536 * MIB],
  ['10 B', 10],
  ['2 TB', 2 * 1024 ** 4],
  ['', null],
  ['big', null],
  ['1.2.3 MB', null],
  ['-5', null],
])('the size “%s”', (text, bytes) => expect(parseSize(text)).toBe(bytes));

describe('lineages', () => {
  const familiesOf = (all: Snapshot[], shown = all) =>
    groupByLineage(groupVersions(shown), all).map(({ title, members }) => [
      title,
      ...members.map(({ name }) => name),
    ]);

  it('are a root and all generations below it; single snapshots come last', () => {
    const all = [
      snapshot('lonely'),
      capture('grandchild', 'child'),
      snapshot('other'),
      capture('child', 'root'),
      snapshot('root'),
      capture('of-other', 'other'),
      snapshot('lonely-too'),
    ];
    expect(familiesOf(all)).toEqual([
      ['root', 'grandchild', 'child', 'root'],
      ['other', 'other', 'of-other'],
      ['Standalone snapshots', 'lonely', 'lonely-too'],
    ]);
  });

  it('are by name: versions of a root share one', () => {
    const all = [
      snapshot('base', { id: 'v1', createdAt: 1 }),
      snapshot('base', { id: 'v2', createdAt: 2 }),
      capture('of-first', 'v1'),
      capture('of-second', 'v2'),
    ];
    expect(familiesOf(all)).toEqual([['base', 'base', 'of-first', 'of-second']]);
  });

  it('stay together when their root is filtered out or deleted', () => {
    const all = [
      snapshot('root'),
      capture('a', 'root'),
      capture('b', 'gone'),
      capture('c', 'gone'),
    ];
    expect(familiesOf(all, all.slice(1))).toEqual([
      ['root', 'a'],
      ['Captured from a deleted snapshot', 'b', 'c'],
    ]);
  });

  it('a cyclic chain ends', () => {
    const all = [capture('a', 'b'), capture('b', 'a')];
    expect(familiesOf(all).flat()).toEqual(expect.arrayContaining(['a', 'b']));
  });
});

describe('navigation in the grid', () => {
  const groups = (names: string) => groupVersions([...names].map((name) => snapshot(name)));
  const member = (title: string, names: string) => ({ key: title, title, members: groups(names) });
  /** Headings, and rows `abcd`, `e` and `fg` below them. */
  const grid = layOutGrid({ lineages: [member('one', 'abcde'), member('two', 'fg')] }, 4);

  it('breaks into rows, each lineage separately', () => {
    const rows = grid.rows.map((row) =>
      row.kind === 'heading' ? row.title : row.cards.map(({ name }) => name).join(''),
    );
    expect(rows).toEqual(['one', 'abcd', 'e', 'two', 'fg']);
    expect(grid.rowOf).toEqual([1, 1, 1, 1, 2, 4, 4]);
  });

  it.each<[string, Move, string]>([
    ['a', 'left', 'a'],
    ['d', 'right', 'e'],
    ['e', 'left', 'd'],
    ['g', 'right', 'g'],
    ['c', 'down', 'e'],
    ['e', 'down', 'f'],
    ['g', 'down', 'g'],
    ['g', 'up', 'e'],
    ['b', 'up', 'b'],
    ['b', 'page-down', 'g'],
    ['g', 'page-up', 'b'],
    ['c', 'last', 'g'],
    ['c', 'first', 'a'],
  ])('from %s %s to %s', (from, move, to) => {
    const at = grid.cards.findIndex(({ name }) => name === from);
    expect(grid.cards[moveFrom(grid, at, move, 5)]?.name).toBe(to);
  });
});
