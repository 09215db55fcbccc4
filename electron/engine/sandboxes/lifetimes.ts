import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import { BackgroundJob } from '../lib';
import { Clock } from './clock';
import type { Sandboxes } from './sandboxes';
import type { UsageMeter } from './usage';

/** A use is written down at most this often (milliseconds); the exact time is kept in memory. */
const WRITE_EVERY_MS = 5000;
/** Something that could not be done now (Docker is away, the sandbox is busy) is tried again. */
const RETRY_MS = 30_000;

/**
 * Stops sandboxes that nobody uses and deletes those that were stopped long ago. There is one timer,
 * for whatever is due first: with nothing due, nothing runs. Uses and stops are in the catalog, so
 * the clocks go on over a restart of the app.
 */
export class Lifetimes {
  private readonly lastUses = new Map<string, number>();
  /** How many commands are at work in each sandbox: while there is one, it is in use. */
  private readonly atWork = new Map<string, number>();
  private readonly retryAt = new Map<string, number>();
  private readonly clock = new Clock();
  private readonly job = new BackgroundJob(async () => this.act());

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly usage: UsageMeter,
  ) {
    context.changes.listen((change) => {
      // What was refused while Docker was away need not wait any longer.
      if (change.type === 'engine') this.retryAt.clear();
      if (change.type === 'sandbox' || change.type === 'engine') this.schedule();
    });
    this.schedule();
  }

  /** Notes that a sandbox is being used now. */
  touch(sandboxId: string): void {
    const now = Date.now();
    const record = this.context.catalog.sandboxes.find(sandboxId);
    if (record && now - record.lastActiveAt > WRITE_EVERY_MS) {
      this.context.catalog.sandboxes.touch(sandboxId, now);
    }
    this.lastUses.set(sandboxId, now);
    this.usage.soon(sandboxId);
  }

  /** Keeps a sandbox in use while something runs in it. */
  async during<T>(sandboxId: string, work: () => Promise<T>): Promise<T> {
    const release = this.retain(sandboxId);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Keeps a sandbox in use until the release that it returns is called. */
  retain(sandboxId: string): () => void {
    this.touch(sandboxId);
    this.atWork.set(sandboxId, (this.atWork.get(sandboxId) ?? 0) + 1);
    return () => {
      const left = (this.atWork.get(sandboxId) ?? 1) - 1;
      if (left > 0) this.atWork.set(sandboxId, left);
      else this.atWork.delete(sandboxId);
      this.touch(sandboxId);
      this.schedule();
    };
  }

  /** Stops and deletes no further sandbox. */
  async close(): Promise<void> {
    await this.job.close();
  }

  private schedule(): void {
    this.clock.look();
    const dues = this.context.catalog.sandboxes.all().flatMap((record) => this.dueAt(record) ?? []);
    if (dues.length === 0) this.job.cancel();
    else this.job.request(Math.min(...dues) - Date.now());
  }

  private act(): void {
    this.clock.look();
    const now = Date.now();
    for (const record of this.context.catalog.sandboxes.all()) {
      const due = this.dueAt(record);
      if (due === null || due > now) continue;
      this.retryAt.set(record.id, now + RETRY_MS);
      const ending =
        record.status === 'ready'
          ? this.sandboxes.stop(record.id)
          : this.sandboxes.delete(record.id);
      ending
        .then(() => void this.retryAt.delete(record.id))
        // Refused for now, and tried again: the task's own outcome is in Activity.
        .catch(() => {})
        .finally(() => this.schedule());
    }
    this.schedule();
  }

  /** When a sandbox's time is up, in milliseconds since 1970; null for never. */
  private dueAt(record: SandboxRecord): number | null {
    const end = this.lifetimeEnd(record);
    if (end === null) return null;
    return Math.max(end, this.retryAt.get(record.id) ?? 0);
  }

  private lifetimeEnd(record: SandboxRecord): number | null {
    const { id, status, idleStopSeconds, deleteAfterStopSeconds } = record;
    if (status === 'ready' && idleStopSeconds > 0 && !this.atWork.has(id)) {
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
