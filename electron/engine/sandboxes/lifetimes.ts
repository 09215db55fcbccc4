import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import { BackgroundJob } from '../lib';
import { Clock } from './clock';
import type { Sandboxes } from './sandboxes';
import type { UsageMeter } from './usage';

/** Interval of writes of the last use to the catalog; memory has the exact time. Milliseconds. */
const WRITE_INTERVAL_MS = 5000;
/** Delay after a refused stop or deletion (Docker is unreachable, the sandbox is busy). Milliseconds. */
const RETRY_DELAY_MS = 30_000;

/**
 * Stops idle sandboxes, and deletes stopped ones after their time. One timer serves the earliest due
 * time; none runs without one. Times of use and stop are in the catalog, and so survive a restart.
 */
export class Lifetimes {
  private readonly lastUses = new Map<string, number>();
  /** Running operations by sandbox. A sandbox with one is in use. */
  private readonly retained = new Map<string, number>();
  private readonly retryAt = new Map<string, number>();
  private readonly clock = new Clock();
  private readonly job = new BackgroundJob(async () => this.act());

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly usage: UsageMeter,
  ) {
    context.changes.listen((change) => {
      // Retries at once what failed while Docker was unreachable.
      if (change.type === 'engine') this.retryAt.clear();
      if (change.type === 'sandbox' || change.type === 'engine') this.schedule();
    });
    this.schedule();
  }

  /** Records a use of a sandbox. */
  touch(sandboxId: string): void {
    const now = Date.now();
    const record = this.context.catalog.sandboxes.find(sandboxId);
    if (record && now - record.lastActiveAt > WRITE_INTERVAL_MS) {
      this.context.catalog.sandboxes.touch(sandboxId, now);
    }
    this.lastUses.set(sandboxId, now);
    this.usage.soon(sandboxId);
  }

  /** Retains a sandbox while work runs in it. */
  async during<T>(sandboxId: string, work: () => Promise<T>): Promise<T> {
    const release = this.retain(sandboxId);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Keeps a sandbox in use until the returned function is called. */
  retain(sandboxId: string): () => void {
    this.touch(sandboxId);
    this.retained.set(sandboxId, (this.retained.get(sandboxId) ?? 0) + 1);
    return () => {
      const left = (this.retained.get(sandboxId) ?? 1) - 1;
      if (left > 0) this.retained.set(sandboxId, left);
      else this.retained.delete(sandboxId);
      this.touch(sandboxId);
      this.schedule();
    };
  }

  /** Stops and deletes no further sandbox. */
  async close(): Promise<void> {
    await this.job.close();
  }

  private schedule(): void {
    this.clock.sample();
    const dues = this.context.catalog.sandboxes.all().flatMap((record) => this.dueAt(record) ?? []);
    if (dues.length === 0) this.job.cancel();
    else this.job.request(Math.min(...dues) - Date.now());
  }

  private act(): void {
    this.clock.sample();
    const now = Date.now();
    for (const record of this.context.catalog.sandboxes.all()) {
      const due = this.dueAt(record);
      if (due === null || due > now) continue;
      this.retryAt.set(record.id, now + RETRY_DELAY_MS);
      const ending =
        record.status === 'ready'
          ? this.sandboxes.stop(record.id)
          : this.sandboxes.delete(record.id);
      ending
        .then(() => void this.retryAt.delete(record.id))
        // Retried later; the activity list has the task's error.
        .catch(() => {})
        .finally(() => this.schedule());
    }
    this.schedule();
  }

  /** Time at which a sandbox is stopped or deleted, in milliseconds since 1970; null for never. */
  private dueAt(record: SandboxRecord): number | null {
    const end = this.lifetimeEnd(record);
    if (end === null) return null;
    return Math.max(end, this.retryAt.get(record.id) ?? 0);
  }

  private lifetimeEnd(record: SandboxRecord): number | null {
    const { id, status, idleStopSeconds, deleteAfterStopSeconds } = record;
    if (status === 'ready' && idleStopSeconds > 0 && !this.retained.has(id)) {
      const uses = [record.lastActiveAt, record.startedAt ?? 0, this.lastUses.get(id) ?? 0];
      const lastUse = Math.max(...uses.map((use) => this.clock.countedFrom(use)));
      return lastUse + idleStopSeconds * 1000;
    }
    if (status === 'stopped' && deleteAfterStopSeconds > 0 && record.stoppedAt !== null) {
      return this.clock.countedFrom(record.stoppedAt) + deleteAfterStopSeconds * 1000;
    }
    return null;
  }
}
