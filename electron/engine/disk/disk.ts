import type { DiskUsage } from '#shared/contract/disk';
import type { EngineContext } from '../context';
import type { DiskMeter } from './diskMeter';
import type { ImageLayers } from './imageLayers';
import { imageIdsOf, removedImages } from './snapshotImages';
import { sumOf } from './sum';

/** Disk use of snapshots and sandboxes. */
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
    const isOfThisHome = (volume: { labels: { home: string } | null }) =>
      volume.labels?.home === identity;
    const ownVolumes = measured.volumes.filter(isOfThisHome);
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

  /**
   * Returns the bytes that deleting these snapshots would free.
   *
   * @throws SandglassError `engine_unreachable`
   */
  async freedBy(snapshotIds: readonly string[]): Promise<number> {
    const { catalog } = this.context;
    const store = await this.layers.read();
    const snapshots = snapshotIds.flatMap((id) => catalog.snapshots.find(id) ?? []);
    return store.tree.freedBy(removedImages(store, { snapshots }));
  }
}
