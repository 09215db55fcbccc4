import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { SandglassError } from '#shared/errors';
import { MAX_TIMER_MS } from './longTimer';

export interface BackgroundJobOptions {
  /** Milliseconds from a request to its run. Further requests postpone the run. */
  debounceMs: number;
  /**
   * Milliseconds after which a run is not postponed any further. Equal to `debounceMs`, requests do not
   * postpone at all.
   */
  maxWaitMs?: number;
  /** Rest after a successful run, as a multiple of its duration. With 9, a tenth of the time is work. */
  restFactor?: number;
  /** Bounds of the rest, in milliseconds. */
  minRestMs?: number;
  maxRestMs?: number;
  /** Receives the errors of requested runs; ignored by default. */
  onError?: (thrown: unknown) => void;
}

/** Recurring work: debounced, one run at a time, with a rest in proportion to the run's duration. */
export class BackgroundJob<T = void> {
  private readonly serial = pLimit(1);
  private readonly closing = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  /** Time of the first request that the timer serves. Times are `performance.now()` milliseconds. */
  private requestedAt: number | null = null;
  private restUntil = 0;
  /** The next run, until it begins. */
  private next: Promise<T> | null = null;

  constructor(
    private readonly work: (signal: AbortSignal) => Promise<T>,
    private readonly options: BackgroundJobOptions = { debounceMs: 0 },
  ) {}

  /** Aborts when the job closes. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** Schedules a run, `debounceMs` from now or after another delay in milliseconds. */
  request(delayMs = this.options.debounceMs): void {
    if (this.signal.aborted) return;
    const now = performance.now();
    this.requestedAt ??= now;
    const latest = this.requestedAt + (this.options.maxWaitMs ?? Number.POSITIVE_INFINITY);
    const dueInMs = Math.min(now + delayMs, latest) - now;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.cancel();
        this.run().catch((thrown: unknown) => {
          if (thrown !== this.signal.reason) this.options.onError?.(thrown);
        });
      },
      Math.min(Math.max(dueInMs, 0), MAX_TIMER_MS),
    ).unref();
  }

  /** Drops the requested run, unless it has begun. */
  cancel(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.requestedAt = null;
  }

  /**
   * Runs when the current run and its rest are over. Calls made before the run begins share it.
   *
   * @throws SandglassError `interrupted` when the job is closed first, or whatever the work throws
   */
  run(): Promise<T> {
    this.next ??= this.serial(async () => {
      try {
        await this.rest();
      } finally {
        this.next = null;
      }
      return await this.runNow();
    });
    return this.next;
  }

  /** Runs at once, beside a run in progress and within a rest. @throws whatever the work throws */
  async runNow(): Promise<T> {
    const startedAt = performance.now();
    const result = await this.work(this.signal);
    const endedAt = performance.now();
    const { restFactor = 0, minRestMs = 0, maxRestMs = Number.POSITIVE_INFINITY } = this.options;
    const restMs = Math.min(Math.max((endedAt - startedAt) * restFactor, minRestMs), maxRestMs);
    this.restUntil = endedAt + restMs;
    return result;
  }

  /** Aborts the signal, begins no further run, and waits for the current one. */
  async close(): Promise<void> {
    this.cancel();
    this.closing.abort(new SandglassError('interrupted', 'Sandglass is closing.'));
    await this.serial(() => {});
  }

  private async rest(): Promise<void> {
    const restMs = this.restUntil - performance.now();
    const { signal } = this;
    if (restMs > 0) await sleep(restMs, undefined, { ref: false, signal }).catch(() => {});
    signal.throwIfAborted();
  }
}
