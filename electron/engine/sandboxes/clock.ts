import { uptime } from 'node:os';

/** Two looks that differ by more than this are no drift: somebody has set the clock. Milliseconds. */
const SET_MS = 30_000;

/**
 * Notices that the computer's clock was set, by the time since the computer started: that goes on over
 * sleep, and nobody sets it.
 */
export class Clock {
  /** When it was last set, as it counts now; 0 for not since the app started. Milliseconds since 1970. */
  setAt = 0;
  private readonly openedAt = Date.now();
  private startOfComputer = startOfComputer();

  look(): void {
    const start = startOfComputer();
    if (Math.abs(start - this.startOfComputer) > SET_MS) this.setAt = Date.now();
    this.startOfComputer = start;
  }

  /**
   * From when on a time span may be counted that began at `time`: not from before the clock was set, for
   * how long ago that was is not known any more; nor from the future, which only another clock can tell.
   */
  countedFrom(time: number): number {
    if (time > Date.now()) return this.setAt || this.openedAt;
    return Math.max(time, this.setAt);
  }
}

function startOfComputer(): number {
  return Date.now() - uptime() * 1000;
}
