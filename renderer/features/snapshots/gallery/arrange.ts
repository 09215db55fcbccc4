import type { Snapshot } from '#shared/contract/snapshots';
import { groupVersions, type SnapshotVersions } from '#shared/versions';
import { filterTest, type GalleryFilter } from './filter';

export const sorts = ['newest', 'name', 'size', 'unique-size', 'favourites'] as const;
export type GallerySort = (typeof sorts)[number];

export const sortLabels: Record<GallerySort, string> = {
  newest: 'Newest',
  name: 'Name',
  size: 'Size',
  'unique-size': 'Unique size',
  favourites: 'Favourites first',
};

const names = new Intl.Collator('en', { numeric: true });

type Compare = (a: SnapshotVersions, b: SnapshotVersions) => number;

const newest: Compare = (a, b) => b.head.createdAt - a.head.createdAt;

const comparisons: Record<GallerySort, Compare> = {
  newest,
  name: (a, b) => names.compare(a.name, b.name),
  size: (a, b) => (b.head.sizeBytes ?? -1) - (a.head.sizeBytes ?? -1) || newest(a, b),
  'unique-size': (a, b) => (b.head.uniqueBytes ?? -1) - (a.head.uniqueBytes ?? -1) || newest(a, b),
  favourites: (a, b) => Number(isFavourite(b)) - Number(isFavourite(a)) || newest(a, b),
};

/** A name has a star when one of its versions has. */
export function isFavourite({ versions }: SnapshotVersions): boolean {
  return versions.some(({ favourite }) => favourite);
}

/** Every name in order; of many this takes a moment, so not with each key of a filter. */
export function arrange(snapshots: readonly Snapshot[], sort: GallerySort): SnapshotVersions[] {
  return groupVersions(snapshots).sort(comparisons[sort]);
}

/** How many snapshots names stand for: each version is one, as everywhere. */
export function snapshotCount(groups: readonly SnapshotVersions[]): number {
  return groups.reduce((sum, { versions }) => sum + versions.length, 0);
}

/** The names of which a version passes the filter. */
export function filterGroups(
  groups: readonly SnapshotVersions[],
  filter: GalleryFilter,
): SnapshotVersions[] {
  const passes = filterTest(filter);
  return groups.filter(({ versions }) => versions.some(passes));
}
