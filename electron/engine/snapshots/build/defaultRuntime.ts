import type { StoredSnapshot } from '../../catalog';
import type { EngineContext } from '../../context';
import type { SettingsStore } from '../../settings';
import type { Snapshots } from '../snapshots';
import type { StartedSnapshot } from '../snapshotTask';
import type { SnapshotBuilder } from './snapshotBuilder';

/** Name of its snapshot, as shown in the gallery. */
const NAME = 'default';

/** Snapshot of the default image (a setting), for sandboxes that are created without a snapshot. */
export class DefaultRuntime {
  /** Single-flight: concurrent callers share one build. */
  private starting: Promise<StartedSnapshot> | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly settings: SettingsStore,
    private readonly builder: SnapshotBuilder,
    private readonly snapshots: Snapshots,
  ) {}

  /** Returns a ready snapshot, else one that is being built, else starts a build. */
  async find(): Promise<StoredSnapshot> {
    const image = this.settings.get().defaultImage;
    const usable =
      this.findReady() ??
      this.candidates().find(
        ({ id, status }) => status === 'building' && this.context.tasks.isBusy(id),
      );
    if (usable) return usable;
    this.starting ??= this.builder.start({ name: NAME, image }).finally(() => {
      this.starting = null;
    });
    const { snapshot } = await this.starting;
    return this.snapshots.get(snapshot.id);
  }

  /**
   * Snapshot for a sandbox that only passes a build on to Docker: the default one if it is ready, else
   * the smallest ready one, so that nothing is pulled for it.
   */
  async findForBuilder(): Promise<StoredSnapshot> {
    const [smallest] = this.context.catalog.snapshots
      .all()
      .filter(({ status }) => status === 'ready')
      .sort((a, b) => (a.sizeBytes ?? 0) - (b.sizeBytes ?? 0));
    return this.findReady() ?? smallest ?? (await this.find());
  }

  private candidates(): StoredSnapshot[] {
    const image = this.settings.get().defaultImage;
    return this.context.catalog.snapshots
      .all()
      .filter((snapshot) => snapshot.name === NAME && snapshot.image === image);
  }

  private findReady(): StoredSnapshot | undefined {
    return this.candidates().find(({ status }) => status === 'ready');
  }
}
