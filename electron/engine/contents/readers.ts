import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { DockerApi } from '../docker/dockerApi';
import { describeObject } from '../docker/labels';
import { snapshotImageReference } from '../snapshots/snapshotImage';

/** A reader that nobody uses is kept for this long, for the next file. Milliseconds. */
const LINGER_MS = 3000;

interface Reader {
  /** Of the container; it is never started. */
  made: Promise<{ containerId: string; madeAt: number }>;
  users: number;
  stop: AbortController;
  timer: NodeJS.Timeout | null;
  /** Resolves when nobody uses it. */
  idle: Promise<void>;
  becomesIdle: () => void;
}

/**
 * Containers that are never started, to read a snapshot's files through. Docker does not let an image go
 * while there is one, so they go first.
 */
export class Readers {
  private readonly readers = new Map<string, Reader>();

  constructor(private readonly context: EngineContext) {}

  /**
   * Lends a reader of a snapshot. `signal` aborts when the snapshot is to go.
   *
   * @throws SandglassError `not_found`, `conflict` (it is not ready), `engine_unreachable`
   */
  async use<T>(
    snapshotId: string,
    work: (reader: { containerId: string; madeAt: number }, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const reader = this.reader(snapshotId);
    reader.users += 1;
    if (reader.timer) clearTimeout(reader.timer);
    reader.timer = null;
    try {
      return await work(await reader.made, reader.stop.signal);
    } finally {
      reader.users -= 1;
      if (reader.users === 0) this.becameIdle(snapshotId, reader);
    }
  }

  /** Stops whoever reads this snapshot, and removes the reader. */
  async release(snapshotId: string): Promise<void> {
    const reader = this.readers.get(snapshotId);
    if (!reader) return;
    reader.stop.abort(new SandglassError('cancelled', 'The snapshot is being deleted.'));
    if (reader.users > 0) await reader.idle;
    await this.remove(snapshotId, reader);
  }

  /** Removes what a crash has left of this home's. */
  async removeLeftOvers(docker: DockerApi): Promise<void> {
    const own = new Set<string>();
    for (const { made } of this.readers.values()) {
      const reader = await made.catch(() => null);
      if (reader) own.add(reader.containerId);
    }
    for (const { containerId, labels } of await docker.containers.listOwn(this.context.identity)) {
      if (labels.kind !== 'reader' || own.has(containerId)) continue;
      await docker.containers.remove(containerId);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers.keys()].map((id) => this.release(id).catch(() => {})));
  }

  private reader(snapshotId: string): Reader {
    const known = this.readers.get(snapshotId);
    if (known && !known.stop.signal.aborted) return known;
    let becomesIdle = () => {};
    const idle = new Promise<void>((resolve) => {
      becomesIdle = resolve;
    });
    const reader: Reader = {
      made: this.make(snapshotId),
      users: 0,
      stop: new AbortController(),
      timer: null,
      idle,
      becomesIdle,
    };
    this.readers.set(snapshotId, reader);
    // One that could not be made is not tried again with the same promise.
    reader.made.catch(() => this.drop(snapshotId, reader));
    return reader;
  }

  private async make(snapshotId: string): Promise<{ containerId: string; madeAt: number }> {
    const { catalog, docker, identity } = this.context;
    const snapshot = catalog.snapshots.find(snapshotId);
    if (!snapshot) {
      throw new SandglassError('not_found', `There is no snapshot with the id ${snapshotId}.`, {
        field: 'snapshotId',
      });
    }
    if (snapshot.status !== 'ready') {
      throw new SandglassError(
        'conflict',
        `The snapshot "${snapshot.name}" is ${snapshot.status}.`,
        {
          hint: 'Look into it when it is ready.',
        },
      );
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

  private becameIdle(snapshotId: string, reader: Reader): void {
    reader.becomesIdle();
    if (reader.stop.signal.aborted) return;
    reader.idle = new Promise<void>((resolve) => {
      reader.becomesIdle = resolve;
    });
    reader.timer = setTimeout(() => {
      // What could not be removed is a left-over: the next connection removes it.
      void this.remove(snapshotId, reader).catch(() => {});
    }, LINGER_MS).unref();
  }

  private async remove(snapshotId: string, reader: Reader): Promise<void> {
    this.drop(snapshotId, reader);
    const made = await reader.made.catch(() => null);
    if (made) await this.context.docker.containers.remove(made.containerId);
  }

  private drop(snapshotId: string, reader: Reader): void {
    if (reader.timer) clearTimeout(reader.timer);
    if (this.readers.get(snapshotId) === reader) this.readers.delete(snapshotId);
  }
}
