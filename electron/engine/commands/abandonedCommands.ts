import type { EngineContext } from '../context';
import { BackgroundJob } from '../lib';

/**
 * What the killed app had asked Docker for last has begun by then: a capture pauses its sandbox, and a
 * command must not start in between (docker/pauseGate.ts). Milliseconds.
 */
const WAIT_MS = 2000;

/**
 * Commands and shells whose app was killed: Docker lets them go on, with nobody to read them and no
 * timeout. They are ended once, when an app that starts has met Docker.
 */
export class AbandonedCommands {
  private readonly job = new BackgroundJob(() => this.end(), { debounceMs: WAIT_MS });
  private isRequested = false;

  constructor(private readonly context: EngineContext) {}

  /** Begins to end them; does nothing the next time. */
  endSoon(): void {
    if (this.isRequested) return;
    this.isRequested = true;
    this.job.request();
  }

  /** Waits for what it is at. */
  async close(): Promise<void> {
    await this.job.close();
  }

  private async end(): Promise<void> {
    const running = this.context.catalog.sandboxes.all().filter(({ status }) => status === 'ready');
    await Promise.allSettled(
      // One that stops meanwhile takes them along.
      running.map(async ({ id, containerId }) => {
        const { containers, processes } = this.context.docker;
        const { state } = await containers.inspect(containerId ?? '');
        if (state !== 'running' || this.context.tasks.isBusy(id)) return;
        await processes.killAbandoned(containerId ?? '');
      }),
    );
  }
}
