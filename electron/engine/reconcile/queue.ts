import pLimit from 'p-limit';
import { toSandglassError } from '#shared/errors';
import { BackgroundJob } from '../lib';

/** Image events come in bursts (a prune, a build), which one comparison covers. Milliseconds. */
const DEBOUNCE_MS = 300;
/**
 * Delay of a second comparison. After a connection the daemon may still process the requests of a killed
 * Sandglass, and it emits no events for volumes. Also used where an object could not be compared, since
 * no further event need come. Milliseconds.
 */
const SECOND_COMPARISON_MS = 5000;

/** Runs comparisons one at a time, and schedules complete ones. */
export class ReconcileQueue {
  private readonly serial = pLimit(1);
  private readonly soon: BackgroundJob;
  private readonly later: BackgroundJob;
  private closed = false;

  constructor(
    compareAll: () => Promise<void>,
    private readonly onError: (thrown: unknown) => void,
  ) {
    const schedule = (delayMs: number) =>
      new BackgroundJob(() => this.run(compareAll), {
        debounceMs: delayMs,
        maxWaitMs: delayMs,
        onError: (thrown) => this.onFailure(thrown),
      });
    this.soon = schedule(DEBOUNCE_MS);
    this.later = schedule(SECOND_COMPARISON_MS);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Schedules a complete comparison, at the end of a burst of events. */
  compareSoon(): void {
    this.soon.request();
  }

  /** Schedules a complete comparison in some seconds. */
  compareLater(): void {
    this.later.request();
  }

  /** Runs work after all earlier work; never after `close`. */
  async run(work: () => Promise<void>): Promise<void> {
    await this.serial(async () => {
      if (!this.closed) await work();
    });
  }

  /** Runs work after all earlier work and handles its errors. */
  enqueue(work: () => Promise<void>): void {
    this.attempt(() => this.run(work));
  }

  /** Runs work beside the queue and handles its errors. */
  attempt(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => this.onFailure(thrown));
  }

  /** Begins no further work and waits for the current work, after which the catalog may be closed. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.soon.close(), this.later.close(), this.serial(() => {})]);
  }

  private onFailure(thrown: unknown): void {
    const { code } = toSandglassError(thrown);
    // An object went between two requests, and the objects after it were not compared.
    if (code === 'not_found') this.compareLater();
    // The next connection compares everything.
    else if (code !== 'engine_unreachable') this.onError(thrown);
  }
}
