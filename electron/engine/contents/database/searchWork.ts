import { setImmediate } from 'node:timers/promises';

/** The thread answers others at least this often. Milliseconds. */
const BREATHE_EVERY_MS = 20;

/** The work of one search: it lets others in between, ends when it is cancelled, and knows its limits. */
export class SearchWork {
  /** False when something was left out because there was too much of it. */
  isWhole = true;
  private breathedAt = performance.now();

  constructor(private readonly signal?: AbortSignal) {}

  /** To be called often. @throws the signal's reason when the search was cancelled */
  async breathe(): Promise<void> {
    if (performance.now() - this.breathedAt < BREATHE_EVERY_MS) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.breathedAt = performance.now();
  }
}
