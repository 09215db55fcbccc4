import type { EngineContext } from '../context';
import type { StorageUsage } from '../docker';
import { BackgroundJob } from '../lib';

/** Minimum milliseconds between two measurements. */
const MIN_REST_MS = 2000;
/** Docker reads its whole store for a measurement: at most a tenth of the time goes into that. */
const REST_FACTOR = 9;
/** Maximum milliseconds that a measurement is delayed. */
const MAX_REST_MS = 60_000;

export interface Measurement extends StorageUsage {
  /** Milliseconds since 1970. */
  measuredAt: number;
}

/** Measures Docker's disk use, on demand only, one measurement at a time, with rests between. */
export class DiskMeter {
  private readonly job = new BackgroundJob((signal) => this.measureNow(signal), {
    debounceMs: 0,
    restFactor: REST_FACTOR,
    minRestMs: MIN_REST_MS,
    maxRestMs: MAX_REST_MS,
  });
  private latest: Measurement | null = null;

  constructor(private readonly context: EngineContext) {}

  /** The last measurement, however old. */
  get last(): Measurement | null {
    return this.latest;
  }

  /**
   * Returns a measurement that begins after the call.
   *
   * @throws SandglassError `engine_unreachable`, `interrupted`
   */
  measure(): Promise<Measurement> {
    return this.job.run();
  }

  /** Aborts the current measurement. */
  async close(): Promise<void> {
    await this.job.close();
  }

  private async measureNow(signal: AbortSignal): Promise<Measurement> {
    const measuredAt = Date.now();
    const usage = await this.context.docker.storage.usage(signal);
    this.latest = { ...usage, measuredAt };
    return this.latest;
  }
}
