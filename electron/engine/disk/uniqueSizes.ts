import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../context';
import type { Snapshots } from '../snapshots';
import type { ImageLayers } from './imageLayers';
import { imageIdsOf } from './snapshotImages';

/** Snapshots come and go in bursts: one look at the end is enough. Milliseconds. */
const SETTLE_MS = 1000;
/** With very many images that takes the daemon a while: at most a tenth of the time goes into it. */
const REST_FACTOR = 9;
/** So many are told without a breath: others wait, and a listener's backlog is limited. */
const AT_ONCE = 50;

/** Measures, in the background, how much of each snapshot no other image shares. */
export class UniqueSizes {
  private timer: NodeJS.Timeout | null = null;
  private measuring: Promise<void> | null = null;
  /** Something has changed while it measured: that may have come too late to be counted. */
  private isStale = false;
  private readonly closing = new AbortController();

  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly layers: ImageLayers,
  ) {
    context.changes.listen((change) => {
      const isFinished = change.type === 'snapshot' && change.snapshot.uniqueBytes === null;
      const isReady = change.type === 'engine' && change.status.state === 'ready';
      if (isFinished || isReady || change.type === 'snapshot.removed') this.measureSoon();
    });
  }

  /** Begins nothing more, and waits for what it is at. */
  async close(): Promise<void> {
    this.closing.abort();
    if (this.timer) clearTimeout(this.timer);
    await this.measuring;
  }

  private measureSoon(): void {
    if (this.closing.signal.aborted) return;
    if (this.measuring) {
      this.isStale = true;
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.measuring = this.measure()
        // Docker is away or busy: the next change asks again.
        .catch(() => {})
        .finally(() => {
          this.measuring = null;
          if (this.isStale) this.measureSoon();
          this.isStale = false;
        });
    }, SETTLE_MS).unref();
  }

  private async measure(): Promise<void> {
    const { catalog } = this.context;
    const startedAt = Date.now();
    const { images, tree } = await this.layers.read();
    const snapshots = catalog.snapshots.all().filter(({ status }) => status === 'ready');
    const known = new Map(snapshots.map(({ id, uniqueBytes }) => [id, uniqueBytes]));
    let changed = 0;
    for (const [id, imageId] of imageIdsOf(images, snapshots)) {
      const uniqueBytes = tree.freedBy([imageId]);
      if (known.get(id) === uniqueBytes) continue;
      changed += 1;
      // In a new catalog it is news of every snapshot there is.
      if (changed % AT_ONCE === 0) await setImmediate(undefined, { signal: this.closing.signal });
      if (!catalog.snapshots.find(id)) continue;
      catalog.snapshots.setUniqueBytes(id, uniqueBytes);
      this.snapshots.announce(id);
    }
    const rest = (Date.now() - startedAt) * REST_FACTOR;
    await sleep(rest, undefined, { ref: false, signal: this.closing.signal });
  }
}
