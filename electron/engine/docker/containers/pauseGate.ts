import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any process takes to start; one that does not is not waited for. Milliseconds. */
const START_MS = 10_000;

/**
 * Keeps a container's pauses and stops and the starts of commands in it apart.
 *
 * The daemon lets them deadlock: of a command that was made before a pause and starts after it, the
 * process hangs in the frozen container while the daemon holds that container's lock, so that nothing
 * can let it go on any more (Engine 20.10: ContainerExecStart against containerUnpause). A commit
 * pauses too, and a stop meets the same lock.
 */
export class PauseGate {
  private readonly pauses = new Map<string, Promise<unknown>>();
  /** By container: each resolves when a command has its process. Asked only when a pause is to come. */
  private readonly starts = new Map<string, Set<() => Promise<void>>>();

  /** Makes and starts a command when no pause is under way. */
  async whileRunning<T>(containerId: string, start: () => Promise<T>): Promise<T> {
    for (;;) {
      const pause = this.pauses.get(containerId);
      if (!pause) break;
      await pause;
    }
    const starting = start();
    const settled = async () => void (await starting.catch(() => {}));
    this.expect(containerId, settled);
    try {
      return await starting;
    } finally {
      this.forget(containerId, settled);
    }
  }

  /** Notes a command that was asked to start. Returns how to say that it has ended. */
  expect(containerId: string, hasStarted: () => Promise<void>): () => void {
    const starts = this.starts.get(containerId) ?? new Set();
    this.starts.set(containerId, starts.add(hasStarted));
    return () => this.forget(containerId, hasStarted);
  }

  /** Does what pauses or stops a container, when every command in it has its process. */
  async pausing<T>(containerId: string, pause: () => Promise<T>): Promise<T> {
    const before = this.pauses.get(containerId);
    const pausing = (async () => {
      await before;
      await Promise.race([this.allStarted(containerId), sleep(START_MS, null, { ref: false })]);
      return await pause();
    })();
    const ended = pausing.then(
      () => {},
      () => {},
    );
    this.pauses.set(containerId, ended);
    try {
      return await pausing;
    } finally {
      if (this.pauses.get(containerId) === ended) this.pauses.delete(containerId);
    }
  }

  /** None comes along any more, but one that is being made becomes one that is to start. */
  private async allStarted(containerId: string): Promise<void> {
    const asked = new Set<() => Promise<void>>();
    for (;;) {
      const more = [...(this.starts.get(containerId) ?? [])].filter((start) => !asked.has(start));
      if (more.length === 0) return;
      for (const start of more) asked.add(start);
      await Promise.all(more.map((hasStarted) => hasStarted()));
    }
  }

  private forget(containerId: string, start: () => Promise<void>): void {
    const starts = this.starts.get(containerId);
    starts?.delete(start);
    if (starts?.size === 0) this.starts.delete(containerId);
  }
}
