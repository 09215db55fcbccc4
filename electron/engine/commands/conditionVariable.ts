import { once } from 'node:events';

/** Suspends callers until another one reports a change. */
export class ConditionVariable {
  private waiting: Array<() => void> = [];

  /** Resolves at the next `notifyAll`, or when the signal is aborted. */
  async wait(signal?: AbortSignal): Promise<void> {
    const notified = new Promise<void>((resolve) => this.waiting.push(resolve));
    if (!signal) return await notified;
    const stop = new AbortController();
    const aborted = once(signal, 'abort', { signal: stop.signal }).catch(() => {});
    await Promise.race([notified, aborted]);
    stop.abort();
  }

  notifyAll(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
