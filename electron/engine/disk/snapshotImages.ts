import type { SandboxRecord, StoredSnapshot } from '../catalog';
import type { StoredImage } from '../docker';
import { imageOf } from '../snapshots';
import type { ImageStore } from './imageLayers';

/** Returns the ids of snapshots' images by snapshot id, without missing images. */
export function imageIdsOf(
  images: readonly StoredImage[],
  snapshots: readonly StoredSnapshot[],
): Map<string, string> {
  const byName = new Map(images.flatMap(({ imageId, names }) => names.map((n) => [n, imageId])));
  return new Map(
    snapshots.flatMap((snapshot) => {
      const imageId = byName.get(imageOf(snapshot));
      return imageId ? [[snapshot.id, imageId] as const] : [];
    }),
  );
}

/** Objects to delete together. */
export interface Deletions {
  snapshots?: readonly StoredSnapshot[];
  sandboxes?: readonly SandboxRecord[];
  /** Docker's ids of images and containers. */
  leftOvers?: ReadonlySet<string>;
}

/** Returns the ids of images that these deletions remove: no other name or container uses them. */
export function removedImages(
  { images, containersOf }: ImageStore,
  { snapshots = [], sandboxes = [], leftOvers = new Set() }: Deletions,
): string[] {
  const names = new Set(snapshots.map(imageOf));
  const containers = new Set([...sandboxes.map(({ containerId }) => containerId), ...leftOvers]);
  return images
    .filter(({ imageId, names: all }) => {
      const isSelected =
        all.length > 0 ? all.every((name) => names.has(name)) : leftOvers.has(imageId);
      return isSelected && (containersOf.get(imageId) ?? []).every((id) => containers.has(id));
    })
    .map(({ imageId }) => imageId);
}
