import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import type { TaskControl } from '../tasks/tasks';
import { commitSnapshot } from './commitSnapshot';
import {
  buildingRecord,
  discardSnapshot,
  readBack,
  refuseTakenTag,
  type SnapshotDescription,
  snapshotLabels,
} from './newSnapshot';
import type { Snapshots } from './snapshots';
import { SourceImages } from './sourceImages';

/** Builds snapshots from Docker images. */
export class SnapshotBuilder {
  private readonly sources: SourceImages;

  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {
    this.sources = new SourceImages(context);
  }

  /**
   * Starts to build a snapshot from a local or pulled image.
   *
   * @throws SandglassError `engine_unreachable`, `name_taken` (a tag that is there); what goes wrong
   * later is the task's: `image_not_found`, `image_unusable`, `registry_*`, `disk_full`
   */
  start(input: SnapshotDescription & { image: string }): { snapshot: Snapshot; task: Task } {
    const { context } = this;
    context.docker;
    refuseTakenTag(context, input);
    const record = buildingRecord(input, { image: input.image });
    const snapshot = this.snapshots.save(record);
    const { task } = context.tasks.start(
      { kind: 'snapshot.create', subject: record.name, snapshotId: record.id, cancellable: true },
      (control) => this.build(record, input.image, control),
    );
    return { snapshot, task };
  }

  private async build(
    record: SnapshotRecord,
    reference: string,
    control: TaskControl,
  ): Promise<void> {
    let builderId: string | null = null;
    try {
      control.step(`Looking for ${reference}`);
      await this.sources.withImage(reference, control, async (image) => {
        control.throwIfCancelled();
        control.step('Making the snapshot');
        const { user, workDir, env } = image;
        const described: SnapshotRecord = {
          ...record,
          imageDigest: image.repoDigest ?? image.imageId,
          runConfig: { user, workDir, env },
        };
        const labels = snapshotLabels(this.context.identity, described);
        builderId = await this.context.docker.containers.createBuilder(image.imageId, {
          ...labels,
          kind: 'builder',
        });
        await this.requireShell(builderId, reference);
        await commitSnapshot(this.context, builderId, described, image, control);
        await this.context.docker.containers.remove(builderId);
        builderId = null;
        control.throwIfCancelled();
        this.snapshots.save(await readBack(this.context, described));
      });
    } catch (thrown) {
      await discardSnapshot(this.context, this.snapshots, record, builderId);
      throw thrown;
    }
  }

  /** A sandbox is kept up by a shell, and terminals need one. */
  private async requireShell(builderId: string, reference: string): Promise<void> {
    if (await this.context.docker.archive.stat(builderId, '/bin/sh')) return;
    throw new SandglassError('image_unusable', `The image ${reference} has no shell (/bin/sh).`, {
      field: 'image',
      hint: 'Use a variant with one: most "distroless" images have a ":debug" tag.',
    });
  }
}
