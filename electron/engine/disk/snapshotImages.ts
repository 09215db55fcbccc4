import type { SandboxRecord, StoredSnapshot } from '../catalog';
import type { StoredImage } from '../docker';
import { imageOf } from '../snapshots';
import type { ImageStore } from './imageLayers';

/** The images of snapshots, by the snapshots' ids, of those that are there. */
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

/** What is to be deleted together. */
export interface Going {
  snapshots?: readonly StoredSnapshot[];
  sandboxes?: readonly SandboxRecord[];
  /** Images and containers by Docker's own ids. */
  leftOvers?: ReadonlySet<string>;
}

/** The images that go with these: those that no other name and no other container keeps. */
export function goneWith(
  { images, containersOf }: ImageStore,
  { snapshots = [], sandboxes = [], leftOvers = new Set() }: Going,
): string[] {
  const names = new Set(snapshots.map(imageOf));
  const containers = new Set([...sandboxes.map(({ containerId }) => containerId), ...leftOvers]);
  return images
    .filter(({ imageId, names: all }) => {
      const isMeant =
        all.length > 0 ? all.every((name) => names.has(name)) : leftOvers.has(imageId);
      return isMeant && (containersOf.get(imageId) ?? []).every((id) => containers.has(id));
    })
    .map(({ imageId }) => imageId);
}
