import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../docker';
import { connectDocker, type DockerApi } from '../../docker';
import type { ContentsIndex } from '../database';
import { readFilesystem } from './readFilesystem';

/** Milliseconds between two progress values. */
const PROGRESS_INTERVAL_MS = 250;

export interface IndexInput {
  endpoint: Endpoint;
  /** Container of the snapshot's image that is never started. */
  containerId: string;
  /** Creation time of the container. Milliseconds since 1970. */
  madeAt: number;
  id: string;
  parentId: string | null;
  /** Creation time of the snapshot. Milliseconds since 1970. */
  createdAt: number;
}

/** Reads snapshots' filesystems into the index, one at a time, and pauses while Docker is busy. */
export class IndexRun {
  private readonly connections = new Map<string, Promise<DockerApi>>();
  private paused: { until: Promise<void>; end: () => void } | null = null;

  constructor(private readonly index: ContentsIndex) {}

  /** Yields the bytes read so far, until the snapshot is indexed. Rolls back when aborted. */
  async *start(
    input: IndexInput,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<number, void, void> {
    const docker = await this.connect(input.endpoint);
    const archive = await docker.filesystems.read(input.containerId, signal ?? AbortSignal.any([]));
    let releasePause = () => {};
    const stopped = new Promise<void>((resolve) => {
      releasePause = resolve;
    });
    const stop = () => {
      archive.destroy(new Error('The run was stopped.'));
      // The run may be paused.
      releasePause();
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const untilResumed = () => (this.paused ? Promise.race([this.paused.until, stopped]) : null);
    let bytes = 0;
    const reading = readFilesystem(archive, input.madeAt, {
      onBytes: (count) => {
        bytes += count;
      },
      untilResumed,
    });
    const ended = reading.then(
      () => true,
      () => true,
    );
    try {
      while (!(await Promise.race([ended, sleep(PROGRESS_INTERVAL_MS, false)]))) yield bytes;
      const found = await reading;
      while (this.paused && !signal?.aborted) await untilResumed();
      signal?.throwIfAborted();
      await this.index.write(input, found, signal);
      yield bytes;
    } finally {
      signal?.removeEventListener('abort', stop);
      archive.destroy();
      await ended;
    }
  }

  pause(): void {
    if (this.paused) return;
    let end = () => {};
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.paused = { until, end };
  }

  resume(): void {
    this.paused?.end();
    this.paused = null;
  }

  private connect(endpoint: Endpoint): Promise<DockerApi> {
    const known = this.connections.get(endpoint.address);
    if (known) return known;
    const made = connectDocker(endpoint);
    this.connections.set(endpoint.address, made);
    made.catch(() => this.connections.delete(endpoint.address));
    return made;
  }
}
