import type { Snapshot } from '#shared/contract/snapshots';
import { type SnapshotVersions } from '#shared/versions';
import { type GalleryFilter } from './filter';
export declare const sorts: readonly ['newest', 'name', 'size', 'own-size', 'favourites'];
export type GallerySort = (typeof sorts)[number];
export declare const sortLabels: Record<GallerySort, string>;
/** A name has a star when one of its versions has. */
export declare function isFavourite({ versions }: SnapshotVersions): boolean;
/** What the gallery shows: the names of which a version passes the filter, in order. */
export declare function arrange(
  snapshots: readonly Snapshot[],
  filter: GalleryFilter,
  sort: GallerySort,
): SnapshotVersions[];
