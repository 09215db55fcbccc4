import type { EngineContext } from '../context';

/**
 * Commands and shells whose app was killed: Docker lets them go on, with nobody to read them and no
 * timeout. They are ended once, when an app that starts has met Docker.
 */
export class AbandonedCommands {
  private ending: Promise<unknown> | null = null;

  constructor(private readonly context: EngineContext) {}

  /** Begins to end them; does nothing the next time. */
  end(): void {
    const { catalog, docker } = this.context;
    const running = catalog.sandboxes.all().filter(({ status }) => status === 'ready');
    // One that stops meanwhile takes them along.
    this.ending ??= Promise.allSettled(
      running.map(({ containerId }) => docker.processes.killAbandoned(containerId ?? '')),
    );
  }

  /** Waits for what it is at. */
  async close(): Promise<void> {
    await this.ending;
  }
}
