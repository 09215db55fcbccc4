import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which a search lets the event loop run. */
const YIELD_INTERVAL_MS = 20;

/** State of one search: cooperative scheduling, cancellation and completeness. */
export class SearchWork {
  /** False if a limit cut the results. */
  isWhole = true;
  private yieldedAt = performance.now();

  constructor(private readonly signal?: AbortSignal) {}

  /** Lets the event loop run when it is time. @throws the signal's reason if the search is cancelled */
  async yield(): Promise<void> {
    if (performance.now() - this.yieldedAt < YIELD_INTERVAL_MS) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.yieldedAt = performance.now();
  }
}
