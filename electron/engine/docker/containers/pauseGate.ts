import { setTimeout as sleep } from 'node:timers/promises';

/** Limit for the wait until commands have their process, which takes milliseconds as a rule. */
const START_TIMEOUT_MS = 10_000;

/**
 * Keeps pauses and stops of a container apart from the starts of commands in it.
 *
 * The daemon deadlocks otherwise: the process of an exec that was created before a pause and starts after
 * it hangs in the frozen container, while the daemon holds the container's lock, which the unpause needs
 * (Engine 20.10: ContainerExecStart and containerUnpause). A commit pauses too, and a stop takes the same
 * lock.
 */
export class PauseGate {
  private readonly pauses = new Map<string, Promise<unknown>>();
  /** Starts in progress by container: functions that resolve when the command has its process. */
  private readonly starts = new Map<string, Set<() => Promise<void>>>();

  /** Creates and starts a command while no pause is in progress. */
  async whileRunning<T>(containerId: string, start: () => Promise<T>): Promise<T> {
    for (;;) {
      const pause = this.pauses.get(containerId);
      if (!pause) break;
      await pause;
    }
    const starting = start();
    const hasStarted = async () => void (await starting.catch(() => {}));
    this.expect(containerId, hasStarted);
    try {
      return await starting;
    } finally {
      this.forget(containerId, hasStarted);
    }
  }

  /**
   * Registers a start in progress.
   *
   * @param hasStarted called only by a later pause; resolves when the command has its process
   * @returns the function that ends the registration
   */
  expect(containerId: string, hasStarted: () => Promise<void>): () => void {
    const starts = this.starts.get(containerId) ?? new Set();
    this.starts.set(containerId, starts.add(hasStarted));
    return () => this.forget(containerId, hasStarted);
  }

  /** Runs a call that pauses or stops a container when all of its commands have their process. */
  async pausing<T>(containerId: string, pause: () => Promise<T>): Promise<T> {
    const before = this.pauses.get(containerId);
    const pausing = (async () => {
      await before;
      const timeout = sleep(START_TIMEOUT_MS, null, { ref: false });
      await Promise.race([this.allStarted(containerId), timeout]);
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

  /** Loops because a command that is being created registers its start afterwards. */
  private async allStarted(containerId: string): Promise<void> {
    const seen = new Set<() => Promise<void>>();
    for (;;) {
      const added = [...(this.starts.get(containerId) ?? [])].filter((start) => !seen.has(start));
      if (added.length === 0) return;
      for (const start of added) seen.add(start);
      await Promise.all(added.map((hasStarted) => hasStarted()));
    }
  }

  private forget(containerId: string, start: () => Promise<void>): void {
    const starts = this.starts.get(containerId);
    starts?.delete(start);
    if (starts?.size === 0) this.starts.delete(containerId);
  }
}
