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
import { IndexedSnapshots } from './indexedSnapshots';
import { IndexQueue } from './indexQueue';

/** Milliseconds between the last change of a snapshot and the start of indexing. */
const DEBOUNCE_MS = 500;
/** Minimum milliseconds between two progress announcements. */
const ANNOUNCE_INTERVAL_MS = 500;
/** Seconds until a snapshot is tried again whose index did not fit on the disk. */
const FULL_DISK_RETRY_SECONDS = 20;
/** Restarts of a worker that ends before it has answered. */
const MAX_RESTARTS = 3;

/**
 * Indexes snapshots in the background, one at a time. Parents come before their captures, which are
 * compared with them. Indexing pauses while a boot, a build or a capture runs.
 */
export class SnapshotIndexer {
  private thread: ContentsThread | null = null;
  private readonly indexed = new IndexedSnapshots(() => this.calls);
  /** Error messages of snapshots that could not be indexed, by id. */
  private readonly failed = new Map<string, string>();
  private reading: ContentsStatus['reading'] = null;
  /** Aborts the current run. */
  private run = new AbortController();
  private readonly job: BackgroundJob;
  private cancelRetry = () => {};
  private announcedAt = 0;
  private restarts = 0;
  private isConnected = false;
  private isEnabled: boolean;
  private closed = false;
  private readonly queue: IndexQueue;
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
    this.queue = new IndexQueue(
      () => context.catalog.snapshots,
      (id) => this.isPending(id),
    );
    this.job = new BackgroundJob(() => this.indexAll(), {
      debounceMs: DEBOUNCE_MS,
      onError: options.onError,
    });
    this.isEnabled = options.settings().lookInside;
    context.changes.listen((change) => this.onChange(change));
  }

  /** Calls to the worker, which the first access starts. @throws SandglassError `interrupted` */
  get calls(): ContentsThread['calls'] {
    if (this.closed) throw new SandglassError('interrupted', 'Sandglass is closing.');
    this.thread ??= startContentsThread(this.options.file, (thrown) => this.onThreadEnd(thrown));
    return this.thread.calls;
  }

  status(): ContentsStatus {
    const ready = this.indexed.count;
    const all = this.context.catalog.snapshots.countReady();
    return {
      enabled: this.isEnabled,
      ready,
      waiting: Math.max(0, all - ready - this.failed.size),
      reading: this.reading,
      failed: [...this.failed].map(([snapshotId, message]) => ({ snapshotId, message })),
    };
  }

  /** Retries a snapshot that could not be indexed. */
  readAgain(snapshotId: string): ContentsStatus {
    if (this.failed.delete(snapshotId)) {
      this.job.request();
      this.announce(snapshotId);
    }
    return this.status();
  }

  async picture(snapshotId: string): Promise<Picture> {
    await this.loadIndexed();
    if (this.indexed.has(snapshotId)) {
      return { state: 'ready', parts: await this.calls.picture({ id: snapshotId }) };
    }
    if (this.failed.has(snapshotId)) return { state: 'failed', parts: [] };
    this.queue.prioritize(snapshotId);
    const isCurrent = this.reading?.snapshotId === snapshotId;
    return { state: isCurrent ? 'reading' : 'waiting', parts: [] };
  }

  /** Searches the indexed snapshots for a file or a package. */
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
    this.run.abort(new SandglassError('interrupted', 'Sandglass is closing.'));
    await this.containers.close();
    await ended;
    await this.thread?.close();
  }

  /** Starts indexing after a connection to Docker, when the catalog has been compared with it. */
  onCompared(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.retryAll();
  }

  private onChange(change: Change): void {
    switch (change.type) {
      case 'snapshot.removed':
        void this.remove(change.id).catch(this.options.onError);
        break;
      case 'snapshot':
        if (change.snapshot.status !== 'ready' || this.indexed.has(change.snapshot.id)) break;
        this.queue.prioritizeNew(change.snapshot.id);
        this.job.request();
        break;
      case 'engine':
        if (change.status.state !== 'ready') this.isConnected = false;
        break;
      case 'settings':
        this.onSettings(change.settings.lookInside);
        break;
    }
  }

  private onSettings(isEnabled: boolean): void {
    if (isEnabled === this.isEnabled) return;
    this.isEnabled = isEnabled;
    if (isEnabled) this.retryAll();
    else this.run.abort(new SandglassError('cancelled', 'Indexing was switched off.'));
    this.announce(null);
  }

  private retryAll(): void {
    this.failed.clear();
    this.indexed.expectPrune();
    this.job.request();
  }

  private onBusy(isBusy: boolean): void {
    if (!this.thread || !this.reading) return;
    const { calls } = this.thread;
    void (isBusy ? calls.pause() : calls.resume()).catch(this.options.onError);
  }

  private onThreadEnd(thrown: unknown): void {
    this.thread = null;
    this.indexed.reset();
    this.options.onError(thrown);
    this.restarts += 1;
    if (this.restarts <= MAX_RESTARTS) this.job.request();
  }

  private async remove(id: string): Promise<void> {
    this.failed.delete(id);
    if (await this.indexed.remove(id)) this.announce(null);
  }

  private async indexAll(): Promise<void> {
    try {
      for (let goesOn = true; goesOn && !this.closed; ) {
        await this.loadIndexed();
        // Without Docker, a new catalog is empty.
        if (this.isConnected) await this.indexed.prune((id) => !this.isInCatalog(id));
        await this.busy.untilFree();
        const next = this.next();
        if (!next) break;
        goesOn = await this.indexOne(next);
      }
    } finally {
      this.queue.endRound();
    }
    this.announce(null);
  }

  private next(): StoredSnapshot | null {
    while (!this.closed && this.isEnabled && this.isConnected) {
      const id = this.queue.next();
      if (id === null) break;
      // It may have been deleted since the queue listed it.
      const snapshot = this.context.catalog.snapshots.find(id);
      if (snapshot?.status === 'ready') return snapshot;
    }
    return null;
  }

  private isPending(id: string): boolean {
    return !this.indexed.has(id) && !this.failed.has(id);
  }

  private isInCatalog(id: string): boolean {
    return this.context.catalog.snapshots.find(id) !== null;
  }

  private async loadIndexed(): Promise<void> {
    await this.indexed.load();
    this.restarts = 0;
  }

  /** Returns false if the round is to end. */
  private async indexOne(snapshot: StoredSnapshot): Promise<boolean> {
    const { id, name, parentSnapshotId: parentId, createdAt } = snapshot;
    const bytesTotal = snapshot.sizeBytes;
    this.run = new AbortController();
    let { signal } = this.run;
    this.reading = { snapshotId: id, name, bytesDone: 0, bytesTotal };
    this.announce(id);
    try {
      const { endpoint } = this.context.docker;
      await this.containers.use(id, async (container, released) => {
        signal = AbortSignal.any([signal, released]);
        signal.throwIfAborted();
        await (this.busy.isBusy ? this.calls.pause() : this.calls.resume());
        const input = { endpoint, ...container, id, parentId, createdAt };
        for await (const bytesDone of await this.calls.index(input, { signal })) {
          this.reading = { snapshotId: id, name, bytesDone, bytesTotal };
          if (Date.now() - this.announcedAt >= ANNOUNCE_INTERVAL_MS) this.announce(null);
        }
        signal.throwIfAborted();
      });
      this.indexed.add(id);
      // It may have been deleted while its last batch was written.
      if (!this.isInCatalog(id)) await this.remove(id);
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
      // Its last batch may have been written just before.
      await this.calls.remove({ id });
      return true;
    }
    if (this.context.catalog.snapshots.find(id)?.status !== 'ready') return true;
    // The next connection to Docker starts a new round.
    if (!(await this.isDockerReachable())) return false;
    const { code, message } = fromWireError(thrown);
    // The worker has ended; its successor retries.
    if (code === 'interrupted') return false;
    this.failed.set(id, message);
    this.options.onError(thrown);
    if (code !== 'disk_full') return true;
    this.cancelRetry();
    this.cancelRetry = after(FULL_DISK_RETRY_SECONDS, () => this.readAgain(id));
    return false;
  }

  private async isDockerReachable(): Promise<boolean> {
    try {
      await connectDocker(this.context.docker.endpoint);
      return true;
    } catch {
      return false;
    }
  }

  /** @param snapshotId the snapshot with a new state; null for progress alone */
  private announce(snapshotId: string | null): void {
    if (this.closed) return;
    this.announcedAt = Date.now();
    this.context.changes.announce({ type: 'contents', status: this.status(), snapshotId });
  }
}
