import type { ContentsStatus, Picture } from '#shared/contract/contents';
import type { Settings } from '#shared/contract/settings';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { StoredSnapshot } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import { BusyDocker } from './busyDocker';
import { type ContentsThread, startContentsThread } from './contentsThread';
import type { Readers } from './readers';

/** A new snapshot is looked into when nothing has happened for this long. Milliseconds. */
const SETTLE_MS = 500;
/** The status is announced at most this often while something is read. Milliseconds. */
const ANNOUNCE_EVERY_MS = 500;

/**
 * Looks into snapshots in the background, one at a time, oldest first, so that a parent is known before
 * its captures. It stands still while someone waits for a boot, a build or a capture.
 */
export class Contents {
  private thread: ContentsThread | null = null;
  /** Null until the index has told. */
  private known: Set<string> | null = null;
  private readonly failed = new Map<string, string>();
  private reading: ContentsStatus['reading'] = null;
  private work: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private announcedAt = 0;
  private closed = false;
  /** What has become ready during a round: the user has just made it, so it comes before the others. */
  private fresh: string[] = [];
  private readonly busy: BusyDocker;

  constructor(
    private readonly context: EngineContext,
    private readonly readers: Readers,
    private readonly options: {
      file: string;
      settings: () => Settings;
      onError: (thrown: unknown) => void;
    },
  ) {
    this.busy = new BusyDocker(context.changes, (isBusy) => this.onBusy(isBusy));
    context.changes.listen((change) => {
      if (change.type === 'snapshot.removed') void this.forget(change.id);
      if (change.type === 'engine' && change.status.state === 'ready') this.failed.clear();
      const isNew = change.type === 'snapshot' && change.snapshot.status === 'ready';
      if (isNew && this.isKnown(change.snapshot.id)) return;
      if (isNew && this.work) this.fresh.push(change.snapshot.id);
      if (isNew || change.type === 'engine' || change.type === 'settings') this.lookSoon();
    });
  }

  /** What this thread is asked, when it is started for the first time. */
  get calls(): ContentsThread['calls'] {
    if (this.closed) throw new SandglassError('interrupted', 'Sandglass is closing.');
    this.thread ??= startContentsThread(this.options.file, (thrown) => {
      this.thread = null;
      this.known = null;
      this.options.onError(thrown);
    });
    return this.thread.calls;
  }

  status(): ContentsStatus {
    const ready = this.known?.size ?? 0;
    const all = this.context.catalog.snapshots.countReady();
    return {
      enabled: this.options.settings().lookInside,
      ready,
      waiting: Math.max(0, all - ready - this.failed.size),
      reading: this.reading,
      failed: [...this.failed].map(([snapshotId, message]) => ({ snapshotId, message })),
    };
  }

  async picture(snapshotId: string): Promise<Picture> {
    if (this.known === null) await this.learnKnown();
    if (this.isKnown(snapshotId)) {
      return { state: 'ready', parts: await this.calls.picture({ id: snapshotId }) };
    }
    if (this.failed.has(snapshotId)) return { state: 'failed', parts: [] };
    const isRead = this.reading?.snapshotId === snapshotId;
    return { state: isRead ? 'reading' : 'waiting', parts: [] };
  }

  /** Which snapshots have a file or a package, among those whose contents are known. */
  async search(query: { query: string; limit: number }, signal?: AbortSignal) {
    const { hits, total, isWhole } = await this.calls.search(query, { signal });
    const { snapshots } = this.context.catalog;
    const present = hits.filter(({ snapshotId }) => snapshots.find(snapshotId) !== null);
    return { hits: present, total: total - hits.length + present.length, isWhole };
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    await this.readers.close();
    await this.work;
    await this.thread?.close();
  }

  private isKnown(id: string): boolean {
    return this.known?.has(id) ?? false;
  }

  private onBusy(isBusy: boolean): void {
    if (!this.thread || !this.reading) return;
    const { calls } = this.thread;
    void (isBusy ? calls.pause() : calls.resume()).catch(this.options.onError);
  }

  private async forget(id: string): Promise<void> {
    this.failed.delete(id);
    if (!this.known?.delete(id)) return;
    await this.calls.forget({ id }).catch(this.options.onError);
    this.announce(null);
  }

  private lookSoon(): void {
    if (this.closed || this.work) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.work ??= this.lookIntoAll()
        .catch(this.options.onError)
        .finally(() => {
          this.work = null;
        });
    }, SETTLE_MS).unref();
  }

  private async lookIntoAll(): Promise<void> {
    await this.learnKnown();
    // One list for a whole round: with thousands of snapshots it is not asked for with each of them.
    for (let round = this.unknown(); round.length > 0; round = this.unknown()) {
      for (let id = round.pop(); id && this.mayLook(); id = this.fresh.pop() ?? round.pop()) {
        const snapshot = this.context.catalog.snapshots.find(id);
        if (snapshot?.status !== 'ready' || this.isKnown(id)) continue;
        this.announce(null);
        await this.lookInto(snapshot);
      }
    }
    this.reading = null;
    this.announce(null);
  }

  private mayLook(): boolean {
    return !this.closed && this.options.settings().lookInside && this.isConnected();
  }

  /** The oldest is the last one: a picture wants its parent's contents. */
  private unknown(): string[] {
    if (!this.mayLook()) return [];
    const ids = this.context.catalog.snapshots.readyIds().reverse();
    return ids.filter((id) => !this.isKnown(id) && !this.failed.has(id));
  }

  private isConnected(): boolean {
    try {
      return this.context.docker !== null;
    } catch {
      return false;
    }
  }

  /** What the index has; of snapshots that went meanwhile it is told. */
  private async learnKnown(): Promise<void> {
    if (this.known) return;
    const ids = await this.calls.known();
    const present = new Set(this.context.catalog.snapshots.all().map(({ id }) => id));
    this.known = new Set(ids.filter((id) => present.has(id)));
    for (const id of ids) if (!present.has(id)) await this.calls.forget({ id });
  }

  private async lookInto(snapshot: StoredSnapshot): Promise<void> {
    const { id, name, parentSnapshotId: parentId, createdAt } = snapshot;
    const bytesTotal = snapshot.sizeBytes;
    this.reading = { snapshotId: id, name, bytesDone: 0, bytesTotal };
    this.announce(id);
    try {
      const { endpoint } = this.context.docker;
      await (this.busy.isBusy ? this.calls.pause() : this.calls.resume());
      await this.readers.use(id, async (reader, signal) => {
        const input = { endpoint, ...reader, id, parentId, createdAt };
        for await (const bytesDone of await this.calls.read(input, { signal })) {
          this.reading = { snapshotId: id, name, bytesDone, bytesTotal };
          if (Date.now() - this.announcedAt >= ANNOUNCE_EVERY_MS) this.announce(null);
        }
      });
      this.known?.add(id);
      // It may have gone while the last of it was written.
      if (!this.context.catalog.snapshots.find(id)) await this.forget(id);
    } catch (thrown) {
      if (this.closed) return;
      const { code, message } = toSandglassError(thrown);
      // Docker has gone, or the snapshot: the next look finds out.
      if (code !== 'engine_unreachable' && code !== 'cancelled' && code !== 'not_found') {
        this.options.onError(thrown);
      }
      if (code !== 'cancelled' && this.context.catalog.snapshots.find(id)) {
        this.failed.set(id, message);
      }
    } finally {
      this.reading = null;
    }
    this.announce(id);
  }

  /** Tells how far the reading is and, with an id, that this snapshot's state is another one. */
  private announce(snapshotId: string | null): void {
    if (this.closed) return;
    this.announcedAt = Date.now();
    this.context.changes.announce({ type: 'contents', status: this.status(), snapshotId });
  }
}
