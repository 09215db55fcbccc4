import pLimit from 'p-limit';
import pMap from 'p-map';
import { toSandglassError } from '#shared/errors';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageLayers } from '../disk';
import type {
  ContainerDetails,
  DaemonEvent,
  DockerApi,
  LabelledImage,
  SandglassLabels,
} from '../docker';
import { contradictsPause, ignoringGone } from '../docker';
import type { Egress } from '../egress';
import type { Sandboxes, SandboxesRoom } from '../sandboxes';
import { removeBuiltImage, sandboxFromLabels, tmpVolumeName } from '../sandboxes';
import type { SnapshotContainers, Snapshots, SnapshotsRoom } from '../snapshots';
import { asMade, buildingRecord, snapshotImageReference } from '../snapshots';

/** Image events come in bursts (a prune, a build): one look at the end is enough. Milliseconds. */
const SETTLE_MS = 300;
/**
 * After a connection the daemon may still be at what a killed Sandglass had asked it for, and of a
 * volume it tells nothing: one more look when that has ended. The same where a look could not judge
 * something, since no other event need come.
 */
const SECOND_LOOK_MS = 5000;
/** Images inspected at a time where a catalog is rebuilt. */
const CONCURRENCY = 8;

export interface ReconcilerNeeds {
  snapshots: Pick<SnapshotsRoom, 'snapshots' | 'containers'>;
  sandboxes: Pick<SandboxesRoom, 'sandboxes'>;
  egress: Egress;
  layers: ImageLayers;
  onError: (thrown: unknown) => void;
}

/**
 * Keeps the catalog true to Docker: at each connection as a whole, and in between by events. It
 * rebuilds rows from labels, drops those whose object has gone, and removes what a crash has left
 * half made. What a running task works on is that task's business and left alone.
 */
export class Reconciler {
  private readonly oneByOne = pLimit(1);
  private imagesCompared: Promise<void> = Promise.resolve();
  /** By their delay: of each at most one. */
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private closed = false;

  private readonly snapshots: Snapshots;
  private readonly sandboxes: Sandboxes;
  private readonly egress: Egress;
  private readonly containers: SnapshotContainers;
  private readonly layers: ImageLayers;
  private readonly onError: (thrown: unknown) => void;

  constructor(
    private readonly context: EngineContext,
    needs: ReconcilerNeeds,
  ) {
    this.snapshots = needs.snapshots.snapshots;
    this.containers = needs.snapshots.containers;
    this.sandboxes = needs.sandboxes.sandboxes;
    this.egress = needs.egress;
    this.layers = needs.layers;
    this.onError = needs.onError;
  }

  /** At a connection: what costs little, however many snapshots there are. */
  async reconcileSandboxes(docker: DockerApi): Promise<void> {
    await this.inTurn(() => this.compareSandboxes(docker));
  }

  /** Then the rest: the daemon needs seconds for a list of thousands of images. */
  async reconcileImages(docker: DockerApi): Promise<void> {
    const run = this.inTurn(() => this.compareImages(docker));
    this.imagesCompared = run.catch(() => {}).finally(() => this.reconcileSoon(SECOND_LOOK_MS));
    await run;
  }

  /** Resolves at once unless it is at the images of a new connection. */
  async untilImagesCompared(): Promise<void> {
    await this.imagesCompared;
  }

  /** Follows up one event of the daemon. */
  onEvent(event: DaemonEvent): void {
    if (event.subject === 'image') {
      this.reconcileSoon();
      return;
    }
    if (!event.own) return;
    const record = this.context.catalog.sandboxes.findByContainer(event.containerId);
    if (!record || event.action === 'destroy') {
      this.reconcileSoon();
      return;
    }
    this.enqueue(() => this.look(record.id, event.containerId));
  }

  private async look(id: string, containerId: string): Promise<void> {
    const container = await this.context.docker.containers.inspect(containerId);
    const record = this.context.catalog.sandboxes.find(id);
    if (record && record.status !== 'provisioning') this.note(record, container);
  }

  /** Writes what Docker says of a sandbox, a pause only when it is sure to be one. */
  private note(record: SandboxRecord, container: ContainerDetails, isSettled = false): void {
    if (contradictsPause(container.state, record.suspended)) {
      const { id } = record;
      const { containerId } = container;
      // A capture pauses for a moment by itself: what a pause means is seen when that has ended.
      const end = this.context.tasks.endOf(id);
      if (end) void end.then(() => this.enqueue(() => this.look(id, containerId)));
      else if (!isSettled) this.attempt(() => this.noteSettled(record, containerId));
      if (end || !isSettled) return;
    }
    this.sandboxes.refresh(record, container);
  }

  /** Takes up to a second, for which the others do not wait. */
  private async noteSettled({ id, suspended }: SandboxRecord, containerId: string): Promise<void> {
    const { containers } = this.context.docker;
    const container = await containers.inspectSettled(containerId, suspended);
    await this.inTurn(async () => {
      const latest = this.context.catalog.sandboxes.find(id);
      if (latest) this.note(latest, container, true);
    });
  }

  /** Begins nothing more, and waits for what it is at: the catalog may be closed then. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await this.oneByOne(() => {});
  }

  private reconcileSoon(afterMs = SETTLE_MS): void {
    if (this.closed || this.timers.has(afterMs)) return;
    const timer = setTimeout(() => {
      this.timers.delete(afterMs);
      this.enqueue(() => this.compare(this.context.docker));
    }, afterMs);
    this.timers.set(afterMs, timer);
  }

  /** Never two at once, and none when it is closed. */
  private async inTurn(work: () => Promise<void>): Promise<void> {
    await this.oneByOne(async () => {
      if (!this.closed) await work();
    });
  }

  private enqueue(work: () => Promise<void>): void {
    this.attempt(() => this.inTurn(work));
  }

  private attempt(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => {
      // Docker has gone meanwhile: the next connection compares everything anyway.
      const { code } = toSandglassError(thrown);
      // Something went between two of its questions: what came after them was not looked at.
      if (code === 'not_found') this.reconcileSoon(SECOND_LOOK_MS);
      else if (code !== 'engine_unreachable') this.onError(thrown);
    });
  }

  private async compare(docker: DockerApi): Promise<void> {
    await this.compareSandboxes(docker);
    await this.compareImages(docker);
  }

  /** To be called before Docker is asked for lists: says what can be judged by them. */
  private judge(): (id: string, updatedAt?: number) => boolean {
    const { tasks } = this.context;
    const requestedAt = Date.now();
    // Busy when asked, or changed since: the lists are too old to judge it by.
    const busyThen = tasks.busyIds();
    // An update in the future is from before the clock was set back.
    return (id, updatedAt = 0) =>
      !busyThen.has(id) && !tasks.isBusy(id) && (updatedAt < requestedAt || updatedAt > Date.now());
  }

  private async compareSandboxes(docker: DockerApi): Promise<void> {
    const { catalog, identity } = this.context;
    await this.settleRemovals(docker);
    const settled = this.judge();
    const [containers, volumes] = await Promise.all([
      docker.containers.listOwn(identity),
      docker.volumes.listOwn(identity),
    ]);
    for (const { containerId, labels } of containers) {
      const record = catalog.sandboxes.find(labels.id);
      if (!settled(labels.id, record?.updatedAt)) continue;
      if (labels.kind === 'sandbox') {
        // What has gone between the list and the look is dropped by the next event.
        await ignoringGone(() => this.adoptSandbox(docker, containerId, labels, record));
      }
      const isLeftOver =
        labels.kind === 'builder' ||
        (labels.kind === 'reader' && !this.containers.has(labels.id, containerId));
      if (isLeftOver) await docker.containers.remove(containerId);
    }
    const present = new Set(containers.map(({ labels }) => labels.id));
    for (const record of catalog.sandboxes.all()) {
      if (present.has(record.id)) continue;
      if (settled(record.id, record.updatedAt)) this.sandboxes.forget(record);
      else if (record.status !== 'provisioning') this.reconcileSoon(SECOND_LOOK_MS);
    }
    for (const { name, labels } of volumes) {
      const used = present.has(labels.id) || catalog.sandboxes.find(labels.id) !== null;
      if (!used && settled(labels.id)) await docker.volumes.remove(name);
    }
    await this.egress.keepOnly(new Set(catalog.sandboxes.all().map(({ id }) => id)));
    for (const { id, status, containerId, network } of catalog.sandboxes.all()) {
      if (status === 'ready' && containerId) await this.egress.resume({ id, containerId, network });
    }
  }

  private async compareImages(docker: DockerApi): Promise<void> {
    const { catalog, identity } = this.context;
    const settled = this.judge();
    const images = await docker.images.listOwn(identity);
    for (const image of images) {
      const { kind, id } = image.labels;
      if (!settled(id)) continue;
      if (kind === 'builder') await docker.images.remove(image.imageId);
      if (kind === 'built' && !catalog.sandboxes.find(id)) await removeBuiltImage(docker, image);
    }
    // Without its tag an image is only the parent of a newer one.
    const own = images.filter(({ tags, labels }) => tags.includes(snapshotImageReference(labels)));
    const states = catalog.snapshots.states();
    const unknown = own.filter(({ labels }) => states.get(labels.id)?.status !== 'ready');
    const adopt = async ({ labels }: LabelledImage) => {
      const record = catalog.snapshots.find(labels.id);
      const isJudged = record?.status !== 'ready' && settled(labels.id, record?.updatedAt);
      if (isJudged && !this.closed) await ignoringGone(() => this.adoptSnapshot(docker, labels));
    };
    await pMap(unknown, adopt, { concurrency: CONCURRENCY });
    const present = new Set(own.map(({ labels }) => labels.id));
    for (const [id, { status, updatedAt }] of catalog.snapshots.states()) {
      if (present.has(id)) continue;
      if (settled(id, updatedAt)) this.snapshots.forget(id);
      else if (status !== 'building') this.reconcileSoon(SECOND_LOOK_MS);
    }
  }

  /** What an operation could not clean up while Docker was away. */
  private async settleRemovals(docker: DockerApi): Promise<void> {
    const { catalog, identity } = this.context;
    const owed = new Map(catalog.pendingCleanups.all().map(({ id, kind }) => [id, kind]));
    if (owed.size === 0) return;
    for (const { containerId, labels } of await docker.containers.listOwn(identity)) {
      if (owed.has(labels.id)) await docker.containers.remove(containerId);
    }
    for (const { labels, imageId } of await docker.images.listOwn(identity)) {
      if (owed.get(labels.id) === 'snapshot') await docker.images.remove(imageId);
    }
    for (const [id, kind] of owed) {
      if (kind === 'sandbox') await docker.volumes.remove(tmpVolumeName(id));
      catalog.pendingCleanups.resolve(id);
    }
  }

  private async adoptSandbox(
    docker: DockerApi,
    containerId: string,
    labels: SandglassLabels,
    record: SandboxRecord | null,
  ): Promise<void> {
    const container = await docker.containers.inspect(containerId);
    // Never started: what is left of a boot that a crash cut off. Dead: Docker had begun to remove it.
    if (container.state === 'created' || container.state === 'dead') {
      try {
        await docker.containers.remove(containerId);
        await docker.volumes.remove(tmpVolumeName(labels.id));
        if (record) this.sandboxes.forget(record);
        return;
      } catch (thrown) {
        // One that Docker cannot remove is shown, as failed: the user can try again.
        this.onError(thrown);
      }
    }
    // It may have been changed, or deleted, while Docker was asked.
    const latest = this.context.catalog.sandboxes.find(labels.id);
    if (record && !latest) return;
    const isTaken = (name: string) => this.context.catalog.sandboxes.findByName(name) !== null;
    if (latest) this.note(latest, container);
    else this.sandboxes.refresh(sandboxFromLabels(labels, container, isTaken), container);
  }

  private async adoptSnapshot(docker: DockerApi, labels: SandglassLabels): Promise<void> {
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
    this.layers.learnLayers(image.imageId, image.layers);
    this.snapshots.save(asMade(record, image));
  }
}
