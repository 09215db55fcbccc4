import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { BackgroundJob } from '../lib';
import type { Sandboxes } from './sandboxes';

/** A sandbox is measured when it has not been used for this long. Milliseconds. */
const DEBOUNCE_MS = 2000;
/** Interval of the measurements of a sandbox in continuous use. Milliseconds. */
const MAX_WAIT_MS = 30_000;
/** The daemon walks the whole writable layer: at most a tenth of the time goes into that. */
const REST_FACTOR = 9;

/**
 * Measures in the background how many bytes each used sandbox's filesystem holds. Lists show the last
 * figure and never wait for the daemon's walk.
 */
export class UsageMeter {
  private readonly jobs = new Map<string, BackgroundJob<number | null>>();
  private closed = false;

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
  ) {
    context.changes.listen((change) => {
      if (change.type === 'sandbox' && change.sandbox.fsUsedBytes === null) {
        this.soon(change.sandbox.id);
      }
      if (change.type === 'sandbox.removed') this.forget(change.id);
    });
  }

  /** Schedules the measurement of a used sandbox. */
  soon(sandboxId: string): void {
    if (!this.closed) this.jobOf(sandboxId).request();
  }

  /** Measures at once, in bytes. @throws SandglassError `not_found`, `engine_unreachable` */
  async measure(sandboxId: string): Promise<number> {
    const usedBytes = await this.jobOf(sandboxId).runNow();
    if (usedBytes !== null) return usedBytes;
    throw new SandglassError('not_found', 'The sandbox has been deleted.', { field: 'sandbox' });
  }

  /** Begins no further measurement, and waits for the current ones. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.jobs.values()].map((job) => job.close()));
  }

  private jobOf(sandboxId: string): BackgroundJob<number | null> {
    const known = this.jobs.get(sandboxId);
    if (known) return known;
    // A failed measurement (Docker or the sandbox is gone) is repeated after the next use.
    const job = new BackgroundJob(() => this.measureNow(sandboxId), {
      debounceMs: DEBOUNCE_MS,
      maxWaitMs: MAX_WAIT_MS,
      restFactor: REST_FACTOR,
    });
    this.jobs.set(sandboxId, job);
    return job;
  }

  /** Null for a sandbox without a container. */
  private async measureNow(sandboxId: string): Promise<number | null> {
    const { sandboxes } = this.context.catalog;
    const found = sandboxes.find(sandboxId);
    if (!found) this.forget(sandboxId);
    if (!found?.containerId) return null;
    const { totalBytes: usedBytes } = await this.context.docker.filesystems.size(found.containerId);
    const record = sandboxes.find(sandboxId);
    if (record && record.fsUsedBytes !== usedBytes) {
      sandboxes.setUsedBytes(sandboxId, usedBytes);
      this.sandboxes.announce(sandboxId);
    }
    return usedBytes;
  }

  private forget(sandboxId: string): void {
    const job = this.jobs.get(sandboxId);
    this.jobs.delete(sandboxId);
    job?.cancel();
  }
}
