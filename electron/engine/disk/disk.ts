import type { DiskUsage } from '#shared/contract/disk';
import type { SandboxRecord } from '../catalog/sandboxRepository';
import type { StoredSnapshot } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import type { StoredImage } from '../docker/storage';
import { snapshotImageReference } from '../snapshots/snapshotImage';
import type { DiskMeter } from './diskMeter';
import type { ImageLayers, ImageStore } from './imageLayers';

/** What snapshots and sandboxes take on the disk, and what comes free when they go. */
export class Disk {
  constructor(
    private readonly context: EngineContext,
    private readonly meter: DiskMeter,
    private readonly layers: ImageLayers,
  ) {}

  /** @throws SandglassError `engine_unreachable` */
  async usage(): Promise<DiskUsage> {
    const measured = await this.meter.measure();
    await this.layers.learn(measured);
    const { tree, images } = await this.layers.read();
    const { catalog, identity } = this.context;

    const imageIds = imageIdsOf(images, catalog.snapshots.all());
    const own = new Map(measured.images.map((image) => [image.imageId, image]));
    const snapshots = [...imageIds].flatMap(([snapshotId, imageId]) => {
      const image = own.get(imageId);
      if (!image) return [];
      const { sizeBytes, sharedBytes } = image;
      return [{ snapshotId, sizeBytes, uniqueBytes: Math.max(0, sizeBytes - sharedBytes) }];
    });
    const uniqueBytes = sumOf(snapshots, (snapshot) => snapshot.uniqueBytes);
    const notUnique = Math.max(0, measured.layerBytes - uniqueBytes);
    const measuredIds = snapshots.flatMap(({ snapshotId }) => imageIds.get(snapshotId) ?? []);
    const ofSnapshots = Math.max(uniqueBytes, tree.bytesOf(measuredIds));
    const sharedBytes = Math.min(notUnique, ofSnapshots - uniqueBytes);

    const written = new Map(measured.containers.map((c) => [c.containerId, c.writtenBytes]));
    const isOwn = (volume: { labels: { home: string } | null }) => volume.labels?.home === identity;
    const ownVolumes = measured.volumes.filter(isOwn);
    const sandboxes = catalog.sandboxes.all().map(({ id, containerId }) => ({
      sandboxId: id,
      writtenBytes: written.get(containerId ?? '') ?? 0,
      volumeBytes: sumOf(
        ownVolumes.filter(({ labels }) => labels?.id === id),
        ({ bytes }) => bytes,
      ),
    }));
    const allWritten = sumOf(measured.containers, ({ writtenBytes }) => writtenBytes);
    const allVolumes = sumOf(measured.volumes, ({ bytes }) => bytes);
    return {
      measuredAt: measured.measuredAt,
      layerBytes: uniqueBytes + notUnique,
      snapshots,
      sharedBytes,
      otherImageBytes: notUnique - sharedBytes,
      sandboxes,
      otherContainerBytes: allWritten - sumOf(sandboxes, ({ writtenBytes }) => writtenBytes),
      otherVolumeBytes: allVolumes - sumOf(sandboxes, ({ volumeBytes }) => volumeBytes),
      buildCacheBytes: measured.buildCacheBytes,
    };
  }

  /** In bytes. @throws SandglassError `engine_unreachable` */
  async freedBy(
    snapshotIds: readonly string[],
    sandboxIds: readonly string[] = [],
  ): Promise<number> {
    const { catalog } = this.context;
    const store = await this.layers.read();
    const snapshots = snapshotIds.flatMap((id) => catalog.snapshots.find(id) ?? []);
    const sandboxes = sandboxIds.flatMap((id) => catalog.sandboxes.find(id) ?? []);
    return store.tree.freedBy(goneWith(store, snapshots, sandboxes));
  }
}

/** The images of snapshots, by the snapshots' ids, of those that are there. */
export function imageIdsOf(
  images: readonly StoredImage[],
  snapshots: readonly StoredSnapshot[],
): Map<string, string> {
  const byName = new Map(images.flatMap(({ imageId, names }) => names.map((n) => [n, imageId])));
  return new Map(
    snapshots.flatMap((snapshot) => {
      const imageId = byName.get(referenceOf(snapshot));
      return imageId ? [[snapshot.id, imageId] as const] : [];
    }),
  );
}

/** The images that go when these snapshots and sandboxes go: those that nothing else keeps. */
function goneWith(
  { images, containersOf }: ImageStore,
  snapshots: readonly StoredSnapshot[],
  sandboxes: readonly SandboxRecord[],
): string[] {
  const names = new Set(snapshots.map(referenceOf));
  const containers = new Set(sandboxes.map(({ containerId }) => containerId));
  return images
    .filter(({ imageId, names: all }) => {
      const isNamed = all.length > 0 && all.every((name) => names.has(name));
      return isNamed && (containersOf.get(imageId) ?? []).every((id) => containers.has(id));
    })
    .map(({ imageId }) => imageId);
}

function referenceOf(snapshot: StoredSnapshot): string {
  return snapshot.dockerImage ?? snapshotImageReference(snapshot);
}

function sumOf<T>(items: readonly T[], bytes: (item: T) => number): number {
  return items.reduce((total, item) => total + bytes(item), 0);
}
