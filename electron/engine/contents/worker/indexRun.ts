import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../docker';
import { connectDocker, type DockerApi } from '../../docker';
import type { ContentsIndex } from '../database';
import { readFilesystem } from './readFilesystem';

/** How often progress is told, in milliseconds. */
const TELL_EVERY_MS = 250;

export interface ReadInput {
  endpoint: Endpoint;
  /** A container of the snapshot's image that was never started. */
  containerId: string;
  /** When that was made, milliseconds since 1970. */
  madeAt: number;
  id: string;
  parentId: string | null;
  /** Of the snapshot, milliseconds since 1970. */
  createdAt: number;
}

/** Reads snapshots' filesystems into the index, one at a time, and stands still while others need Docker. */
export class IndexRun {
  private readonly connections = new Map<string, Promise<DockerApi>>();
  private held: { until: Promise<void>; end: () => void } | null = null;

  constructor(private readonly index: ContentsIndex) {}

  /** Tells the bytes that are done, until all is written. Aborting leaves nothing of it. */
  async *read(
    input: ReadInput,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<number, void, void> {
    const docker = await this.connect(input.endpoint);
    const archive = await docker.filesystems.read(input.containerId, signal ?? AbortSignal.any([]));
    let goOn = () => {};
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const stop = () => {
      archive.destroy(new Error('The run was stopped.'));
      // It may be standing still.
      goOn();
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const pass = () => (this.held ? Promise.race([this.held.until, stopped]) : null);
    let bytes = 0;
    const run = readFilesystem(archive, input.madeAt, {
      onBytes: (count) => {
        bytes += count;
      },
      pass,
    });
    const outcome = run.then(
      () => true,
      () => true,
    );
    try {
      while (!(await Promise.race([outcome, sleep(TELL_EVERY_MS, false)]))) yield bytes;
      const found = await run;
      while (this.held && !signal?.aborted) await pass();
      signal?.throwIfAborted();
      await this.index.write(input, found, signal);
      yield bytes;
    } finally {
      signal?.removeEventListener('abort', stop);
      archive.destroy();
      await outcome;
    }
  }

  pause(): void {
    if (this.held) return;
    let end = () => {};
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.held = { until, end };
  }

  resume(): void {
    this.held?.end();
    this.held = null;
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
