import pMap from 'p-map';
import type { EngineContext } from '../context';
import type { DockerApi, LabelledImage, SandglassLabels } from '../docker';
import { ignoringGone } from '../docker';
import { removeBuiltImage } from '../sandboxes';
import { buildingRecord, finishedRecord, snapshotImageReference } from '../snapshots';
import type { ReconcileNeeds } from './needs';
import type { ReconcileQueue } from './queue';
import { staleListGuard } from './staleListGuard';

/** Images inspected at a time where a catalog is rebuilt. */
const CONCURRENCY = 8;

/** Compares snapshots with labelled images. */
export class ImageReconciler {
  constructor(
    private readonly context: EngineContext,
    private readonly needs: Pick<ReconcileNeeds, 'snapshots' | 'layers'>,
    private readonly queue: ReconcileQueue,
  ) {}

  async compare(docker: DockerApi): Promise<void> {
    const { catalog, identity, tasks } = this.context;
    const isFresh = staleListGuard(tasks);
    const images = await docker.images.listOwn(identity);
    for (const image of images) {
      const { kind, id } = image.labels;
      if (!isFresh(id)) continue;
      if (kind === 'builder') await docker.images.remove(image.imageId);
      if (kind === 'built' && !catalog.sandboxes.find(id)) await removeBuiltImage(docker, image);
    }
    // Without its tag, an image is only the parent of a newer one.
    const own = images.filter(({ tags, labels }) => tags.includes(snapshotImageReference(labels)));
    const states = catalog.snapshots.states();
    const unknown = own.filter(({ labels }) => states.get(labels.id)?.status !== 'ready');
    const adoptFresh = async ({ labels }: LabelledImage) => {
      const record = catalog.snapshots.find(labels.id);
      if (record?.status === 'ready' || !isFresh(labels.id, record?.updatedAt)) return;
      if (!this.queue.isClosed) await ignoringGone(() => this.adopt(docker, labels));
    };
    await pMap(unknown, adoptFresh, { concurrency: CONCURRENCY });
    const present = new Set(own.map(({ labels }) => labels.id));
    for (const [id, { status, updatedAt }] of catalog.snapshots.states()) {
      if (present.has(id)) continue;
      if (isFresh(id, updatedAt)) this.needs.snapshots.snapshots.forget(id);
      else if (status !== 'building') this.queue.compareLater();
    }
  }

  /** Restores a snapshot's row from the labels of its image. */
  private async adopt(docker: DockerApi, labels: SandglassLabels): Promise<void> {
    const record = buildingRecord(
      {
        name: labels.name,
        tag: labels.tag ?? undefined,
        fsCapacityBytes: labels.fsCapacityBytes ?? undefined,
        note: labels.note,
        labels: labels.labels,
      },
      {
        id: labels.id,
        image: labels.image,
        imageDigest: labels.imageDigest,
        sourceSandboxId: labels.sourceSandboxId,
        sourceSandboxName: labels.sourceSandboxName,
        parentSnapshotId: labels.parentSnapshotId,
        ancestors: labels.ancestors,
        registryId: labels.registryId,
        createdAt: labels.createdAt,
      },
    );
    const image = await docker.images.inspect(snapshotImageReference(labels));
    this.needs.layers.learnLayers(image.imageId, image.layers);
    this.needs.snapshots.snapshots.save(finishedRecord(record, image));
  }
}
