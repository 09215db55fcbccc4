import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { toSandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { StorageUsage } from '../docker';

/** Docker is not asked again for so long after an answer. Milliseconds. */
const LEAST_REST_MS = 2000;
/** It reads its whole store for an answer: at most a tenth of the time may go into that. */
const REST_FACTOR = 9;
/** Who looks at the numbers waits no longer for the next ones. */
const MOST_REST_MS = 60_000;

export interface Measurement extends StorageUsage {
  /** Milliseconds since 1970. */
  measuredAt: number;
}

/** Has Docker count what it stores: only when asked, one after the other, and with rests. */
export class DiskMeter {
  private readonly closing = new AbortController();
  private readonly inTurn = pLimit(1);
  /** The next one, while it has not begun: whoever asks until then shares it. */
  private next: Promise<Measurement> | null = null;
  private restUntil = 0;
  private latest: Measurement | null = null;

  constructor(private readonly context: EngineContext) {}

  /** The last answer, however old. */
  get last(): Measurement | null {
    return this.latest;
  }

  /** What is there after the call. @throws SandglassError `engine_unreachable` */
  measure(): Promise<Measurement> {
    if (this.next) return this.next;
    this.next = this.inTurn(async () => {
      await this.rest();
      this.next = null;
      return await this.measureNow();
    });
    return this.next;
  }

  /** Ends what it is at. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.inTurn(() => {});
  }

  private async rest(): Promise<void> {
    try {
      const { signal } = this.closing;
      await sleep(Math.max(0, this.restUntil - Date.now()), undefined, { ref: false, signal });
    } catch (thrown) {
      this.next = null;
      throw toSandglassError(thrown);
    }
  }

  private async measureNow(): Promise<Measurement> {
    const measuredAt = Date.now();
    const usage = await this.context.docker.storage.usage(this.closing.signal);
    const now = Date.now();
    const rest = (now - measuredAt) * REST_FACTOR;
    this.restUntil = now + Math.min(Math.max(rest, LEAST_REST_MS), MOST_REST_MS);
    this.latest = { ...usage, measuredAt };
    return this.latest;
  }
}
