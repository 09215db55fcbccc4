import type { Reclaimable, ReclaimChoice } from '#shared/contract/disk';
import type { SandboxRecord, StoredSnapshot } from '../catalog';
import type { EngineContext } from '../context';
import type { DiskMeter, Measurement } from './diskMeter';
import type { ImageLayers } from './imageLayers';
import { findLeftOvers, type LeftOver } from './leftOvers';
import { removedImages } from './snapshotImages';
import { sumOf } from './sum';

/** The objects of a choice that may be deleted now. */
export interface Chosen {
  sandboxes: SandboxRecord[];
  snapshots: StoredSnapshot[];
  leftOvers: LeftOver[];
}

/** Objects that can be deleted to free space. */
export class Reclaimables {
  constructor(
    private readonly context: EngineContext,
    private readonly meter: DiskMeter,
    private readonly layers: ImageLayers,
  ) {}

  /** Lists all objects, the largest first. @throws SandglassError `engine_unreachable` */
  async list(): Promise<Reclaimable[]> {
    const measured = await this.meter.measure();
    await this.layers.learn(measured);
    const store = await this.layers.read();
    const leftOvers = await findLeftOvers(this.context, store, measured);
    const imageBytes = ({ id }: LeftOver) =>
      store.tree.freedBy(removedImages(store, { leftOvers: new Set([id]) }));
    const all: Reclaimable[] = [
      ...this.snapshots().map((snapshot) => ({
        ...this.describe(snapshot),
        bytes: store.tree.freedBy(removedImages(store, { snapshots: [snapshot] })),
      })),
      ...this.sandboxes().map((sandbox) => ({
        ...{ id: sandbox.id, kind: 'stopped-sandbox' as const, name: sandbox.name },
        reason: reasonOf(sandbox),
        bytes: this.bytesOf(sandbox, measured),
        since: sandbox.stoppedAt ?? sandbox.createdAt,
        ...{ usedBy: [], suggested: false },
      })),
      ...leftOvers.map((leftOver) => ({
        ...{ id: leftOver.id, kind: 'left-over' as const, name: leftOver.name },
        reason: leftOver.reason,
        bytes: leftOver.bytes + imageBytes(leftOver),
        ...{ since: null, usedBy: [], suggested: true },
      })),
    ];
    return all.sort((one, other) => other.bytes - one.bytes);
  }

  /** Resolves a choice, leaving out objects that are in use by now or belong to others. */
  async choose(choice: ReclaimChoice): Promise<Chosen> {
    const measured = this.meter.last ?? (await this.meter.measure());
    const store = await this.layers.read();
    const wanted = new Set([...choice.snapshotIds, ...choice.sandboxIds, ...choice.leftOverIds]);
    const leftOvers =
      choice.leftOverIds.length > 0 ? await findLeftOvers(this.context, store, measured) : [];
    return {
      sandboxes: this.sandboxes().filter(({ id }) => wanted.has(id)),
      snapshots: this.snapshots().filter(({ id }) => wanted.has(id)),
      leftOvers: leftOvers.filter(({ id }) => wanted.has(id)),
    };
  }

  /** Returns the bytes that deleting a choice would free. @throws SandglassError `engine_unreachable` */
  async preview(choice: ReclaimChoice): Promise<number> {
    const { sandboxes, snapshots, leftOvers } = await this.choose(choice);
    const measured = this.meter.last ?? (await this.meter.measure());
    const store = await this.layers.read();
    const ids = new Set(leftOvers.map(({ id }) => id));
    return (
      store.tree.freedBy(removedImages(store, { snapshots, sandboxes, leftOvers: ids })) +
      sumOf(sandboxes, (sandbox) => this.bytesOf(sandbox, measured)) +
      sumOf(leftOvers, ({ bytes }) => bytes)
    );
  }

  /** Snapshots that no running sandbox uses. */
  private snapshots(): StoredSnapshot[] {
    const { catalog, tasks } = this.context;
    const inUse = new Set<string>();
    for (const { snapshotId, status } of catalog.sandboxes.all()) {
      if (status === 'ready' || status === 'provisioning') inUse.add(snapshotId);
    }
    return catalog.snapshots
      .all()
      .filter(({ id, status }) => status === 'ready' && !inUse.has(id) && !tasks.isBusy(id));
  }

  private sandboxes(): SandboxRecord[] {
    const { catalog, tasks } = this.context;
    return catalog.sandboxes
      .all()
      .filter(({ id, status }) => /^(stopped|failed)$/.test(status) && !tasks.isBusy(id));
  }

  private describe(snapshot: StoredSnapshot): Omit<Reclaimable, 'bytes'> {
    const { catalog } = this.context;
    const { id, name, tag, createdAt, favourite } = snapshot;
    const usedBy = catalog.sandboxes.usersOf(id).map((user) => user.id);
    const isReplaced = tag === null && catalog.snapshots.findReady(name, null)?.id !== id;
    const unused = isReplaced ? 'An older version that nothing uses' : 'No sandbox uses it';
    return {
      ...{ id, kind: 'unused-snapshot', name: tag === null ? name : `${name}:${tag}` },
      reason: usedBy.length > 0 ? 'Only stopped sandboxes use it' : unused,
      since: createdAt,
      usedBy,
      suggested: isReplaced && usedBy.length === 0 && !favourite,
    };
  }

  /** Returns the bytes written above its snapshot and into its volumes. */
  private bytesOf({ id, containerId }: SandboxRecord, measured: Measurement): number {
    const container = measured.containers.find((found) => found.containerId === containerId);
    const volumes = measured.volumes.filter(
      ({ labels }) => labels?.home === this.context.identity && labels.id === id,
    );
    return (container?.writtenBytes ?? 0) + sumOf(volumes, ({ bytes }) => bytes);
  }
}

function reasonOf({ status, suspended }: SandboxRecord): string {
  if (status === 'failed') return 'Failed';
  return suspended ? 'Suspended, with processes in memory' : 'Stopped';
}
