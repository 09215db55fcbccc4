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

/** Whether any version is a favourite. */
export function isFavourite({ versions }: SnapshotVersions): boolean {
  return versions.some(({ favourite }) => favourite);
}

/** Groups and sorts snapshots. Separate from filtering, as sorting many is slow. */
export function arrange(snapshots: readonly Snapshot[], sort: GallerySort): SnapshotVersions[] {
  return groupVersions(snapshots).sort(comparisons[sort]);
}

/** Number of snapshots in groups: each version counts. */
export function snapshotCount(groups: readonly SnapshotVersions[]): number {
  return groups.reduce((sum, { versions }) => sum + versions.length, 0);
}

/** Groups with at least one version that matches the filter. */
export function filterGroups(
  groups: readonly SnapshotVersions[],
  filter: GalleryFilter,
): SnapshotVersions[] {
  const passes = filterTest(filter);
  return groups.filter(({ versions }) => versions.some(passes));
}
