import { uptime } from 'node:os';

/** A larger difference between two samples is not drift: the clock was set. Milliseconds. */
const MAX_DRIFT_MS = 30_000;

/** Detects a change of the system clock by comparison with the uptime, which is monotonic. */
export class Clock {
  /** Time of the last change, by the clock as set; 0 if none since the app started. Milliseconds since 1970. */
  setAt = 0;
  private readonly openedAt = Date.now();
  private bootTime = bootTime();

  sample(): void {
    const time = bootTime();
    if (Math.abs(time - this.bootTime) > MAX_DRIFT_MS) this.setAt = Date.now();
    this.bootTime = time;
  }

  /**
   * Returns the start of a time span that began at `time`, in milliseconds since 1970. Never earlier than
   * the last change of the clock, since the elapsed time is unknown then. A time in the future is from
   * before a change.
   */
  countedFrom(time: number): number {
    if (time > Date.now()) return this.setAt || this.openedAt;
    return Math.max(time, this.setAt);
  }
}

function bootTime(): number {
  return Date.now() - uptime() * 1000;
}
