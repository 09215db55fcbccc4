import type { Snapshot } from '#shared/contract/snapshots';
/** How a snapshot came to be. Docker does not tell a Dockerfile's image from a file's. */
export declare const origins: readonly ['image', 'captured', 'file'];
export type Origin = (typeof origins)[number];
export declare const originLabels: Record<Origin, string>;
/** What the gallery is narrowed to; what is empty or null narrows nothing. */
export interface GalleryFilter {
  /** In the name or the origin. */
  text: string;
  origin: Origin | null;
  /** `name`, or `name=value`. */
  label: string;
  /** No sandbox boots from it. */
  unused: boolean;
  favourite: boolean;
  /** Bytes. */
  atLeast: number | null;
  atMost: number | null;
}
export declare const noFilter: GalleryFilter;
export declare function originOf({ image, sourceSandboxId, parentSnapshotId }: Snapshot): Origin;
/** Makes the test for one filter, so that what is the same for all snapshots is done once. */
export declare function filterTest(filter: GalleryFilter): (snapshot: Snapshot) => boolean;
export interface FilterChip {
  text: string;
  /** The change that takes it away. */
  without: Partial<GalleryFilter>;
}
/** What a filter says, piece by piece. */
export declare function filterChips(filter: GalleryFilter): FilterChip[];
