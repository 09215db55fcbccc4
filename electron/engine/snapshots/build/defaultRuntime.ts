import type { StoredSnapshot } from '../../catalog';
import type { EngineContext } from '../../context';
import type { SettingsStore } from '../../settings';
import type { Snapshots } from '../snapshots';
import type { StartedSnapshot } from '../snapshotTask';
import type { SnapshotBuilder } from './snapshotBuilder';

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
    const usable =
      this.findReady() ??
      this.made().find(({ id, status }) => status === 'building' && this.context.tasks.isBusy(id));
    if (usable) return usable;
    this.beginning ??= this.builder.start({ name: NAME, image }).finally(() => {
      this.beginning = null;
    });
    const { snapshot } = await this.beginning;
    return this.snapshots.get(snapshot.id);
  }

  /**
   * What a sandbox boots from that only hands a build over: the same one where it is ready, else the
   * smallest snapshot there is. For such a sandbox nothing needs to be pulled.
   */
  async findForBuilder(): Promise<StoredSnapshot> {
    const [smallest] = this.context.catalog.snapshots
      .all()
      .filter(({ status }) => status === 'ready')
      .sort((a, b) => (a.sizeBytes ?? 0) - (b.sizeBytes ?? 0));
    return this.findReady() ?? smallest ?? (await this.find());
  }

  private made(): StoredSnapshot[] {
    const image = this.settings.get().defaultImage;
    return this.context.catalog.snapshots
      .all()
      .filter((snapshot) => snapshot.name === NAME && snapshot.image === image);
  }

  private findReady(): StoredSnapshot | undefined {
    return this.made().find(({ status }) => status === 'ready');
  }
}
