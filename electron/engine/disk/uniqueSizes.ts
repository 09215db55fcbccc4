import { setImmediate } from 'node:timers/promises';
import type { EngineContext } from '../context';
import { BackgroundJob } from '../lib';
import type { Snapshots } from '../snapshots';
import type { ImageLayers } from './imageLayers';
import { imageIdsOf } from './snapshotImages';

/** Snapshots come and go in bursts, which one measurement at their end covers. Milliseconds. */
const DEBOUNCE_MS = 1000;
/** With thousands of images the daemon takes long: at most a tenth of the time goes into measuring. */
const REST_FACTOR = 9;
/** Changes announced before the event loop runs on: a listener's backlog is limited. */
const BATCH_SIZE = 50;

/** Measures, in the background, how many bytes of each snapshot no other image shares. */
export class UniqueSizes {
  private readonly job = new BackgroundJob((signal) => this.measure(signal), {
    debounceMs: DEBOUNCE_MS,
    maxWaitMs: DEBOUNCE_MS,
    restFactor: REST_FACTOR,
  });

  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly layers: ImageLayers,
  ) {
    context.changes.listen((change) => {
      const isFinished = change.type === 'snapshot' && change.snapshot.uniqueBytes === null;
      const isReady = change.type === 'engine' && change.status.state === 'ready';
      if (isFinished || isReady || change.type === 'snapshot.removed') this.job.request();
    });
  }

  /** Begins no further measurement, and waits for the current one. */
  async close(): Promise<void> {
    await this.job.close();
  }

  private async measure(signal: AbortSignal): Promise<void> {
    const { catalog } = this.context;
    const { images, tree } = await this.layers.read();
    const snapshots = catalog.snapshots.all().filter(({ status }) => status === 'ready');
    const known = new Map(snapshots.map(({ id, uniqueBytes }) => [id, uniqueBytes]));
    let changed = 0;
    for (const [id, imageId] of imageIdsOf(images, snapshots)) {
      const uniqueBytes = tree.freedBy([imageId]);
      if (known.get(id) === uniqueBytes) continue;
      changed += 1;
      // In a new catalog, every snapshot has changed.
      if (changed % BATCH_SIZE === 0) await setImmediate(undefined, { signal });
      if (!catalog.snapshots.find(id)) continue;
      catalog.snapshots.setUniqueBytes(id, uniqueBytes);
      this.snapshots.announce(id);
    }
  }
}
