import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import type { SnapshotsRoom } from '../snapshots';
import { Disk } from './disk';
import { DiskMeter } from './diskMeter';
import { ImageLayers } from './imageLayers';
import { Reclaim } from './reclaim';
import { Reclaimables } from './reclaimables';
import { UniqueSizes } from './uniqueSizes';

export type { ImageLayers } from './imageLayers';

export interface DiskNeeds {
  snapshots: Pick<SnapshotsRoom, 'snapshots'>;
  sandboxes: Pick<SandboxesRoom, 'sandboxes'>;
  /** Resolves when the catalog's images have been compared with Docker's. */
  untilImagesCompared: () => Promise<void>;
}

/** Disk use of snapshots and sandboxes, and reclaiming of space. */
export function openDisk(context: EngineContext, needs: DiskNeeds) {
  const { snapshots } = needs.snapshots;
  const { sandboxes } = needs.sandboxes;
  const layers = new ImageLayers(context, needs.untilImagesCompared);
  const meter = new DiskMeter(context);
  const disk = new Disk(context, meter, layers);
  const reclaimables = new Reclaimables(context, meter, layers);
  const reclaim = new Reclaim(context, snapshots, sandboxes, meter, reclaimables);
  const uniqueSizes = new UniqueSizes(context, snapshots, layers);
  return {
    layers,
    operations: {
      usage: os.disk.usage.handler(() => disk.usage()),
      freedBy: os.disk.freedBy.handler(async ({ input }) => ({
        bytes: await disk.freedBy(input.snapshotIds),
      })),
      reclaimable: os.disk.reclaimable.handler(() => reclaimables.list()),
      reclaimPreview: os.disk.reclaimPreview.handler(async ({ input }) => ({
        bytes: await reclaimables.preview(input),
      })),
      reclaim: os.disk.reclaim.handler(({ input }) => reclaim.start(input)),
    },
    close: async () => {
      await layers.close();
      await meter.close();
      await uniqueSizes.close();
    },
  };
}
