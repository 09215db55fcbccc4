import type { StoredSnapshot } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import type { SettingsStore } from '../settings';
import type { SnapshotBuilder } from './build';
import type { Snapshots } from './snapshots';
import type { StartedSnapshot } from './snapshotTask';

/** The snapshot's name, in the gallery too. */
const NAME = 'default';

/** What a sandbox boots from when nobody names a snapshot: the default image of the settings. */
export class DefaultRuntime {
  /** Two that ask at once share one build. */
  private beginning: Promise<StartedSnapshot> | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly settings: SettingsStore,
    private readonly builder: SnapshotBuilder,
    private readonly snapshots: Snapshots,
  ) {}

  /** Its snapshot: a ready one, one that is being built, or one that is begun now. */
  async find(): Promise<StoredSnapshot> {
    const image = this.settings.get().defaultImage;
    const made = this.context.catalog.snapshots
      .all()
      .filter((snapshot) => snapshot.name === NAME && snapshot.image === image);
    const usable =
      made.find(({ status }) => status === 'ready') ??
      made.find(({ id, status }) => status === 'building' && this.context.tasks.isBusy(id));
    if (usable) return usable;
    this.beginning ??= this.builder.start({ name: NAME, image }).finally(() => {
      this.beginning = null;
    });
    const { snapshot } = await this.beginning;
    return this.snapshots.get(snapshot.id);
  }
}
