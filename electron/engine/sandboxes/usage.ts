import type { EngineContext } from '../context';
import type { Sandboxes } from './sandboxes';

/** After a sandbox was used, it is measured when it has been quiet for this long. Milliseconds. */
const QUIET_MS = 2000;
/** While it is used without a pause, at least this often. Milliseconds. */
const LATEST_MS = 30_000;
/** The daemon walks all that was written: at most a tenth of the time may go into that. */
const REST_FACTOR = 9;

interface Pending {
  timer: NodeJS.Timeout;
  /** Since when it waits, milliseconds since 1970. */
  since: number;
}

/**
 * Measures in the background what each used sandbox's filesystem holds. Lists only show the last
 * figure: they never wait for the daemon's walk.
 */
export class UsageMeter {
  private readonly pending = new Map<string, Pending>();
  private readonly restUntil = new Map<string, number>();
  private readonly measuring = new Set<Promise<unknown>>();
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

  /** Notes that a sandbox is used, and may have grown. */
  soon(sandboxId: string): void {
    if (this.closed) return;
    const now = Date.now();
    const waiting = this.pending.get(sandboxId);
    const since = waiting?.since ?? now;
    if (waiting) clearTimeout(waiting.timer);
    const due = Math.min(now + QUIET_MS, since + LATEST_MS);
    const delay = Math.max(due, this.restUntil.get(sandboxId) ?? 0) - now;
    const timer = setTimeout(() => this.measureNow(sandboxId), Math.max(delay, 0)).unref();
    this.pending.set(sandboxId, { timer, since });
  }

  /** Measures at once, in bytes. @throws SandglassError `not_found`, `engine_unreachable` */
  async measure(sandboxId: string, containerId: string): Promise<number> {
    const startedAt = Date.now();
    const used = await this.context.docker.containers.sizeOf(containerId);
    const now = Date.now();
    this.restUntil.set(sandboxId, now + (now - startedAt) * REST_FACTOR);
    const record = this.context.catalog.sandboxes.find(sandboxId);
    if (record && record.fsUsedBytes !== used) {
      this.context.catalog.sandboxes.setUsedBytes(sandboxId, used);
      this.sandboxes.announce(sandboxId);
    }
    return used;
  }

  /** Begins nothing more, and waits for what it is at. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    await Promise.all(this.measuring);
  }

  private measureNow(sandboxId: string): void {
    this.pending.delete(sandboxId);
    const containerId = this.context.catalog.sandboxes.find(sandboxId)?.containerId;
    if (!containerId) return;
    // Docker or the sandbox has gone: the next use measures again.
    const measuring = this.measure(sandboxId, containerId).catch(() => {});
    this.measuring.add(measuring);
    void measuring.finally(() => this.measuring.delete(measuring));
  }

  private forget(sandboxId: string): void {
    const waiting = this.pending.get(sandboxId);
    if (waiting) clearTimeout(waiting.timer);
    this.pending.delete(sandboxId);
    this.restUntil.delete(sandboxId);
  }
}
