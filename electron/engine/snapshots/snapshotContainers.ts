import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { describeObject } from '../docker';
import { snapshotNotFound, snapshotNotReady } from './snapshotErrors';
import { imageOf } from './snapshotImage';

/** Time for which an unused container is kept for the next read. */
const IDLE_TIMEOUT_MS = 3000;

/** Container of a snapshot that is never started. */
export interface SnapshotContainer {
  containerId: string;
  /** Time before its creation, in milliseconds since 1970. */
  madeAt: number;
}

interface ContainerSlot {
  created: Promise<SnapshotContainer>;
  /** Null until it is created. */
  containerId: string | null;
  uses: Set<Promise<unknown>>;
  stop: AbortController;
  timer: NodeJS.Timeout | null;
  /** Settles when the container is removed; null before its removal begins. */
  removed: Promise<void> | null;
}

/**
 * Containers through which the files of snapshots are read: never started, at most one per snapshot.
 * Docker does not remove an image that has a container, so the container is removed first.
 */
export class SnapshotContainers {
  private readonly slots = new Map<string, ContainerSlot>();
  private closed = false;

  constructor(private readonly context: EngineContext) {}

  /**
   * Runs `work` with a snapshot's container. `signal` aborts when the snapshot is deleted or the engine
   * closes.
   *
   * @throws SandglassError `not_found`, `conflict` (not ready), `engine_unreachable`, `interrupted`
   */
  async use<T>(
    snapshotId: string,
    work: (container: SnapshotContainer, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const slot = await this.acquire(snapshotId);
    const { signal } = slot.stop;
    const use = slot.created.then((container) => {
      signal.throwIfAborted();
      return work(container, signal);
    });
    slot.uses.add(use);
    try {
      return await use;
    } finally {
      slot.uses.delete(use);
      if (slot.uses.size === 0) this.scheduleRemoval(snapshotId, slot);
    }
  }

  /** Aborts all uses of a snapshot's container, and removes it. */
  async release(
    snapshotId: string,
    reason = new SandglassError('cancelled', 'The snapshot is being deleted.'),
  ): Promise<void> {
    const slot = this.slots.get(snapshotId);
    if (!slot) return;
    slot.stop.abort(reason);
    await Promise.allSettled(slot.uses);
    await this.remove(snapshotId, slot);
  }

  /** False for a container that an earlier process left behind. */
  has(snapshotId: string, containerId: string): boolean {
    const slot = this.slots.get(snapshotId);
    return slot ? slot.containerId === null || slot.containerId === containerId : false;
  }

  async close(): Promise<void> {
    this.closed = true;
    const reason = closing();
    const all = [...this.slots.keys()];
    // Containers that could not be removed are removed by the next reconciliation.
    await Promise.all(all.map((id) => this.release(id, reason).catch(() => {})));
  }

  private async acquire(snapshotId: string): Promise<ContainerSlot> {
    for (;;) {
      if (this.closed) throw closing();
      const known = this.slots.get(snapshotId);
      if (!known) return this.open(snapshotId);
      if (!known.removed) {
        known.stop.signal.throwIfAborted();
        if (known.timer) clearTimeout(known.timer);
        known.timer = null;
        return known;
      }
      await known.removed.catch(() => {});
    }
  }

  private open(snapshotId: string): ContainerSlot {
    const slot: ContainerSlot = {
      created: this.create(snapshotId),
      containerId: null,
      uses: new Set(),
      stop: new AbortController(),
      timer: null,
      removed: null,
    };
    this.slots.set(snapshotId, slot);
    slot.created.then(
      ({ containerId }) => {
        slot.containerId = containerId;
      },
      // The next use retries.
      () => this.slots.delete(snapshotId),
    );
    return slot;
  }

  private async create(snapshotId: string): Promise<SnapshotContainer> {
    const { catalog, docker, identity } = this.context;
    const snapshot = catalog.snapshots.find(snapshotId);
    if (!snapshot) throw snapshotNotFound(snapshotId, 'snapshotId');
    if (snapshot.status !== 'ready') throw snapshotNotReady(snapshot);
    const madeAt = Date.now();
    const labels = describeObject({
      kind: 'reader',
      home: identity,
      id: snapshot.id,
      name: snapshot.name,
      createdAt: madeAt,
    });
    const containerId = await docker.containers.createBuilder(imageOf(snapshot), labels);
    return { containerId, madeAt };
  }

  private scheduleRemoval(snapshotId: string, slot: ContainerSlot): void {
    const isCurrent = this.slots.get(snapshotId) === slot && !slot.stop.signal.aborted;
    if (!isCurrent) return;
    slot.timer = setTimeout(() => {
      // A container that could not be removed is removed by the next reconciliation.
      void this.remove(snapshotId, slot).catch(() => {});
    }, IDLE_TIMEOUT_MS).unref();
  }

  /** Single-flight: joins a removal in progress. */
  private remove(snapshotId: string, slot: ContainerSlot): Promise<void> {
    slot.removed ??= this.removeOnce(snapshotId, slot);
    return slot.removed;
  }

  private async removeOnce(snapshotId: string, slot: ContainerSlot): Promise<void> {
    if (slot.timer) clearTimeout(slot.timer);
    try {
      const container = await slot.created.catch(() => null);
      if (container) await this.context.docker.containers.remove(container.containerId);
    } finally {
      if (this.slots.get(snapshotId) === slot) this.slots.delete(snapshotId);
    }
  }
}

function closing(): SandglassError {
  return new SandglassError('interrupted', 'Sandglass is closing.');
}
