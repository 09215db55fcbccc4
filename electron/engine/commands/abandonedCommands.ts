import type { EngineContext } from '../context';

/**
 * Milliseconds until the killed app's last requests to Docker have taken effect. A capture pauses its
 * sandbox, and no command may start at that moment (see `PauseGate`).
 */
const START_DELAY_MS = 2000;

/**
 * Kills commands and terminals of an app that was killed. Docker keeps them running without a reader and
 * without a timeout. Runs once, when an app that has just started reaches Docker.
 */
export class AbandonedCommands {
  private timer: NodeJS.Timeout | null = null;
  private killing: Promise<unknown> | null = null;

  constructor(private readonly context: EngineContext) {}

  /** Schedules the kill; later calls have no effect. */
  killSoon(): void {
    this.timer ??= setTimeout(() => {
      this.killing = this.killAll();
    }, START_DELAY_MS).unref();
  }

  /** Cancels a scheduled kill, or waits for the end of one in progress. */
  async close(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    await this.killing;
  }

  private async killAll(): Promise<void> {
    const running = this.context.catalog.sandboxes.all().filter(({ status }) => status === 'ready');
    await Promise.allSettled(
      // A sandbox that stops meanwhile ends its processes by itself.
      running.map(async ({ id, containerId }) => {
        const { containers, processes } = this.context.docker;
        const { state } = await containers.inspect(containerId ?? '');
        if (state !== 'running' || this.context.tasks.isBusy(id)) return;
        await processes.killAbandoned(containerId ?? '');
      }),
    );
  }
}
