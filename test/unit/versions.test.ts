import { expect, it } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import { groupVersions } from '#shared/versions';

const snapshot = (name: string, createdAt: number, status: Snapshot['status'] = 'ready') =>
  ({ id: `${name}-${createdAt}`, name, createdAt, status }) as Snapshot;

it('snapshots with one name are versions, newest first', () => {
  const groups = groupVersions([snapshot('b', 2), snapshot('a', 1), snapshot('b', 3)]);
  expect(groups.map(({ name, versions }) => [name, versions.map(({ id }) => id)])).toEqual([
    ['b', ['b-3', 'b-2']],
    ['a', ['a-1']],
  ]);
});

it('the representative is a version in progress, or else the one that the name refers to', () => {
  const heads = (...versions: Snapshot[]) => groupVersions(versions).map(({ head }) => head.id);
  expect(heads(snapshot('a', 1), snapshot('a', 2))).toEqual(['a-2']);
  expect(heads(snapshot('a', 1), snapshot('a', 2, 'deleting'))).toEqual(['a-1']);
  expect(heads(snapshot('a', 1), snapshot('a', 2, 'building'))).toEqual(['a-2']);
  expect(heads(snapshot('a', 1, 'deleting'))).toEqual(['a-1']);
});
