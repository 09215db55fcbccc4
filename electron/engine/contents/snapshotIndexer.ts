import type { ContentsStatus, Picture } from '#shared/contract/contents';
import type { Change } from '#shared/contract/events';
import type { Settings } from '#shared/contract/settings';
import { SandglassError } from '#shared/errors';
import { fromWireError } from '#shared/wire';
import type { StoredSnapshot } from '../catalog';
import type { EngineContext } from '../context';
import { connectDocker } from '../docker';
import { after, BackgroundJob } from '../lib';
import type { SnapshotContainers } from '../snapshots';
import { BusyDocker } from './busyDocker';
import { type ContentsThread, startContentsThread } from './contentsThread';
import { IndexQueue } from './indexQueue';

/** A new snapshot is looked into when nothing has happened for this long. Milliseconds. */
const DEBOUNCE_MS = 500;
/** The status is announced at most this often while something is read. Milliseconds. */
const ANNOUNCE_EVERY_MS = 500;
/** With no room for the index, reading goes on after this long: somebody may have made some. */
const FULL_DISK_REST_SECONDS = 20;
/** A thread that ends before it has told anything is started again this often. */
const MOST_RESTARTS = 3;

/**
 * Looks into snapshots in the background, one at a time, oldest first, so that a parent is known before
 * its captures. It stands still while someone waits for a boot, a build or a capture.
 */
export class SnapshotIndexer {
  private thread: ContentsThread | null = null;
  /** Null until the index has told. */
  private known: Set<string> | null = null;
  private learning: Promise<void> | null = null;
  /** What the index has was compared with the catalog, since that was with Docker. */
  private isCompared = false;
  private readonly failed = new Map<string, string>();
  private reading: ContentsStatus['reading'] = null;
  /** Ends what is being read. */
  private stop = new AbortController();
  private readonly job: BackgroundJob;
  private cancelRetry = () => {};
  private announcedAt = 0;
  private restarts = 0;
  private isConnected = false;
  private isEnabled: boolean;
  private closed = false;
  private readonly order: IndexQueue;
  private readonly busy: BusyDocker;

  constructor(
    private readonly context: EngineContext,
    private readonly containers: SnapshotContainers,
    private readonly options: {
      file: string;
      settings: () => Settings;
      onError: (thrown: unknown) => void;
    },
  ) {
    this.busy = new BusyDocker(context.changes, (isBusy) => this.onBusy(isBusy));
    this.order = new IndexQueue(
      () => context.catalog.snapshots,
      (id) => this.isUnread(id),
    );
    this.job = new BackgroundJob(() => this.lookIntoAll(), {
      debounceMs: DEBOUNCE_MS,
      onError: options.onError,
    });
    this.isEnabled = options.settings().lookInside;
    context.changes.listen((change) => this.onChange(change));
  }

  /** What this thread is asked, when it is started for the first time. */
  get calls(): ContentsThread['calls'] {
    if (this.closed) throw new SandglassError('interrupted', 'Sandglass is closing.');
    this.thread ??= startContentsThread(this.options.file, (thrown) => this.onThreadEnd(thrown));
    return this.thread.calls;
  }

  status(): ContentsStatus {
    const ready = this.known?.size ?? 0;
    const all = this.context.catalog.snapshots.countReady();
    return {
      enabled: this.isEnabled,
      ready,
      waiting: Math.max(0, all - ready - this.failed.size),
      reading: this.reading,
      failed: [...this.failed].map(([snapshotId, message]) => ({ snapshotId, message })),
    };
  }

  /** Reads one that could not be read once more. */
  readAgain(snapshotId: string): ContentsStatus {
    if (this.failed.delete(snapshotId)) {
      this.lookSoon();
      this.announce(snapshotId);
    }
    return this.status();
  }

  async picture(snapshotId: string): Promise<Picture> {
    await this.learnKnown();
    if (this.isKnown(snapshotId)) {
      return { state: 'ready', parts: await this.calls.picture({ id: snapshotId }) };
    }
    if (this.failed.has(snapshotId)) return { state: 'failed', parts: [] };
    this.order.hurry(snapshotId);
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
    this.cancelRetry();
    const ended = this.job.close();
    this.stop.abort(new SandglassError('interrupted', 'Sandglass is closing.'));
    await this.containers.close();
    await ended;
    await this.thread?.close();
  }

  /** Docker is there, and the catalog says what it has. */
  onCompared(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.tryAllAgain();
  }

  private isKnown(id: string): boolean {
    return this.known?.has(id) ?? false;
  }

  private onChange(change: Change): void {
    switch (change.type) {
      case 'snapshot.removed':
        void this.forget(change.id).catch(this.options.onError);
        break;
      case 'snapshot':
        if (change.snapshot.status !== 'ready' || this.isKnown(change.snapshot.id)) break;
        this.order.hurryNew(change.snapshot.id);
        this.lookSoon();
        break;
      case 'engine':
        if (change.status.state !== 'ready') this.isConnected = false;
        break;
      case 'settings':
        this.onSwitch(change.settings.lookInside);
        break;
    }
  }

  private onSwitch(isEnabled: boolean): void {
    if (isEnabled === this.isEnabled) return;
    this.isEnabled = isEnabled;
    if (isEnabled) this.tryAllAgain();
    else
      this.stop.abort(new SandglassError('cancelled', 'Looking into snapshots was switched off.'));
    this.announce(null);
  }

  private tryAllAgain(): void {
    this.failed.clear();
    this.isCompared = false;
    this.lookSoon();
  }

  private onBusy(isBusy: boolean): void {
    if (!this.thread || !this.reading) return;
    const { calls } = this.thread;
    void (isBusy ? calls.pause() : calls.resume()).catch(this.options.onError);
  }

  private onThreadEnd(thrown: unknown): void {
    this.thread = null;
    this.known = null;
    this.isCompared = false;
    this.options.onError(thrown);
    this.restarts += 1;
    if (this.restarts <= MOST_RESTARTS) this.lookSoon();
  }

  private async forget(id: string): Promise<void> {
    this.failed.delete(id);
    await this.learning;
    if (!this.known?.delete(id)) return;
    await this.calls.forget({ id });
    this.announce(null);
  }

  private lookSoon(): void {
    this.job.request();
  }

  private async lookIntoAll(): Promise<void> {
    try {
      for (let goesOn = true; goesOn && !this.closed; ) {
        await this.learnKnown();
        await this.forgetAbsent();
        await this.busy.free();
        const next = this.next();
        if (!next) break;
        goesOn = await this.lookInto(next);
      }
    } finally {
      this.order.endRound();
    }
    this.announce(null);
  }

  private next(): StoredSnapshot | null {
    while (!this.closed && this.isEnabled && this.isConnected) {
      const id = this.order.next();
      if (id === null) break;
      // It may have gone since it was listed.
      const snapshot = this.context.catalog.snapshots.find(id);
      if (snapshot?.status === 'ready') return snapshot;
    }
    return null;
  }

  private isUnread(id: string): boolean {
    return !this.isKnown(id) && !this.failed.has(id);
  }

  private async learnKnown(): Promise<void> {
    if (this.known) return;
    this.learning ??= this.calls
      .known()
      .then((ids) => {
        this.known = new Set(ids);
        this.restarts = 0;
      })
      .finally(() => {
        this.learning = null;
      });
    await this.learning;
  }

  /** Of snapshots that have gone. Only with Docker is it sure: a new catalog is empty until then. */
  private async forgetAbsent(): Promise<void> {
    if (this.isCompared || !this.isConnected) return;
    this.isCompared = true;
    for (const id of this.known ?? []) {
      if (!this.context.catalog.snapshots.find(id)) await this.forget(id);
    }
  }

  /** False when there is no use in going on. */
  private async lookInto(snapshot: StoredSnapshot): Promise<boolean> {
    const { id, name, parentSnapshotId: parentId, createdAt } = snapshot;
    const bytesTotal = snapshot.sizeBytes;
    this.stop = new AbortController();
    let { signal } = this.stop;
    this.reading = { snapshotId: id, name, bytesDone: 0, bytesTotal };
    this.announce(id);
    try {
      const { endpoint } = this.context.docker;
      await this.containers.use(id, async (reader, released) => {
        signal = AbortSignal.any([signal, released]);
        signal.throwIfAborted();
        await (this.busy.isBusy ? this.calls.pause() : this.calls.resume());
        const input = { endpoint, ...reader, id, parentId, createdAt };
        for await (const bytesDone of await this.calls.read(input, { signal })) {
          this.reading = { snapshotId: id, name, bytesDone, bytesTotal };
          if (Date.now() - this.announcedAt >= ANNOUNCE_EVERY_MS) this.announce(null);
        }
        signal.throwIfAborted();
      });
      this.known?.add(id);
      // It may have gone while the last of it was written.
      if (!this.context.catalog.snapshots.find(id)) await this.forget(id);
      return true;
    } catch (thrown) {
      return await this.afterFailure(id, signal, thrown);
    } finally {
      this.reading = null;
      this.announce(id);
    }
  }

  private async afterFailure(id: string, signal: AbortSignal, thrown: unknown): Promise<boolean> {
    if (this.closed) return false;
    if (signal.aborted) {
      // The end of it may have been written just before.
      await this.calls.forget({ id });
      return true;
    }
    if (this.context.catalog.snapshots.find(id)?.status !== 'ready') return true;
    // Docker has gone: the next connection looks again.
    if (!(await this.isDockerThere())) return false;
    const { code, message } = fromWireError(thrown);
    // The thread has ended, and the next one reads it again.
    if (code === 'interrupted') return false;
    this.failed.set(id, message);
    this.options.onError(thrown);
    if (code !== 'disk_full') return true;
    this.cancelRetry();
    this.cancelRetry = after(FULL_DISK_REST_SECONDS, () => this.readAgain(id));
    return false;
  }

  private async isDockerThere(): Promise<boolean> {
    try {
      await connectDocker(this.context.docker.endpoint);
      return true;
    } catch {
      return false;
    }
  }

  /** Tells how far the reading is and, with an id, that this snapshot's state is another one. */
  private announce(snapshotId: string | null): void {
    if (this.closed) return;
    this.announcedAt = Date.now();
    this.context.changes.announce({ type: 'contents', status: this.status(), snapshotId });
  }
}
