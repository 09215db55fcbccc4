import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { describeObject } from '../docker';
import { snapshotImageReference } from './snapshotImage';

/** A reader that nobody uses is kept for this long, for the next file. Milliseconds. */
const LINGER_MS = 3000;

export interface LentReader {
  /** It is never started. */
  containerId: string;
  /** When it was made, milliseconds since 1970. */
  madeAt: number;
}

interface Reader {
  made: Promise<LentReader>;
  /** Null until it is made. */
  containerId: string | null;
  uses: Set<Promise<unknown>>;
  stop: AbortController;
  timer: NodeJS.Timeout | null;
  /** Settles when it is gone; null before it has to go. */
  removed: Promise<void> | null;
}

/**
 * Containers that are never started, to read a snapshot's files through: at most one for each snapshot.
 * Docker does not let an image go while there is one, so they go first.
 */
export class SnapshotContainers {
  private readonly containers = new Map<string, Reader>();
  private closed = false;

  constructor(private readonly context: EngineContext) {}

  /**
   * Lends a reader of a snapshot. `signal` aborts when the snapshot is to go.
   *
   * @throws SandglassError `not_found`, `conflict` (it is not ready), `engine_unreachable`, `interrupted`
   */
  async use<T>(
    snapshotId: string,
    work: (reader: LentReader, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const reader = await this.reader(snapshotId);
    const { signal } = reader.stop;
    const use = reader.made.then((made) => {
      signal.throwIfAborted();
      return work(made, signal);
    });
    reader.uses.add(use);
    try {
      return await use;
    } finally {
      reader.uses.delete(use);
      if (reader.uses.size === 0) this.linger(snapshotId, reader);
    }
  }

  /** Stops whoever reads this snapshot, and removes the reader. */
  async release(
    snapshotId: string,
    reason = new SandglassError('cancelled', 'The snapshot is being deleted.'),
  ): Promise<void> {
    const reader = this.containers.get(snapshotId);
    if (!reader) return;
    reader.stop.abort(reason);
    await Promise.allSettled(reader.uses);
    await this.remove(snapshotId, reader);
  }

  /** False for what a crash has left. */
  has(snapshotId: string, containerId: string): boolean {
    const reader = this.containers.get(snapshotId);
    return reader ? reader.containerId === null || reader.containerId === containerId : false;
  }

  async close(): Promise<void> {
    this.closed = true;
    const reason = closing();
    const all = [...this.containers.keys()];
    // What could not be removed is removed at the next connection.
    await Promise.all(all.map((id) => this.release(id, reason).catch(() => {})));
  }

  private async reader(snapshotId: string): Promise<Reader> {
    for (;;) {
      if (this.closed) throw closing();
      const known = this.containers.get(snapshotId);
      if (!known) return this.newReader(snapshotId);
      if (!known.removed) {
        known.stop.signal.throwIfAborted();
        if (known.timer) clearTimeout(known.timer);
        known.timer = null;
        return known;
      }
      await known.removed.catch(() => {});
    }
  }

  private newReader(snapshotId: string): Reader {
    const reader: Reader = {
      made: this.make(snapshotId),
      containerId: null,
      uses: new Set(),
      stop: new AbortController(),
      timer: null,
      removed: null,
    };
    this.containers.set(snapshotId, reader);
    reader.made.then(
      ({ containerId }) => {
        reader.containerId = containerId;
      },
      // The next one tries again.
      () => this.containers.delete(snapshotId),
    );
    return reader;
  }

  private async make(snapshotId: string): Promise<LentReader> {
    const { catalog, docker, identity } = this.context;
    const snapshot = catalog.snapshots.find(snapshotId);
    if (!snapshot) {
      throw new SandglassError('not_found', `There is no snapshot with the id ${snapshotId}.`, {
        field: 'snapshotId',
      });
    }
    if (snapshot.status !== 'ready') {
      const message = `The snapshot "${snapshot.name}" is ${snapshot.status}.`;
      const hint = 'Look into it when it is ready.';
      throw new SandglassError('conflict', message, { hint });
    }
    const madeAt = Date.now();
    const labels = describeObject({
      kind: 'reader',
      home: identity,
      id: snapshot.id,
      name: snapshot.name,
      createdAt: madeAt,
    });
    const image = snapshot.dockerImage ?? snapshotImageReference(snapshot);
    return { containerId: await docker.containers.createBuilder(image, labels), madeAt };
  }

  private linger(snapshotId: string, reader: Reader): void {
    const isKept = this.containers.get(snapshotId) === reader && !reader.stop.signal.aborted;
    if (!isKept) return;
    reader.timer = setTimeout(() => {
      // What could not be removed is removed at the next connection.
      void this.remove(snapshotId, reader).catch(() => {});
    }, LINGER_MS).unref();
  }

  private remove(snapshotId: string, reader: Reader): Promise<void> {
    reader.removed ??= this.removeOnce(snapshotId, reader);
    return reader.removed;
  }

  private async removeOnce(snapshotId: string, reader: Reader): Promise<void> {
    if (reader.timer) clearTimeout(reader.timer);
    try {
      const made = await reader.made.catch(() => null);
      if (made) await this.context.docker.containers.remove(made.containerId);
    } finally {
      if (this.containers.get(snapshotId) === reader) this.containers.delete(snapshotId);
    }
  }
}

function closing(): SandglassError {
  return new SandglassError('interrupted', 'Sandglass is closing.');
}
