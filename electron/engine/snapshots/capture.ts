import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import type { Sandboxes } from '../sandboxes/sandboxes';
import type { TaskControl } from '../tasks/tasks';
import { commitSnapshot } from './commitSnapshot';
import {
  buildingRecord,
  discardSnapshot,
  readBack,
  refuseTakenTag,
  type SnapshotDescription,
} from './newSnapshot';
import type { Snapshots } from './snapshots';

/** Captures sandboxes as new snapshots. */
export class SnapshotCapture {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
  ) {}

  /**
   * Starts to capture a running or stopped sandbox: its persistent filesystem, without `/tmp`,
   * mounts and processes.
   *
   * @throws SandglassError `not_found`, `conflict` (the sandbox is busy), `name_taken`,
   * `engine_unreachable`; what goes wrong later is the task's
   */
  start(input: SnapshotDescription & { sandbox: string }): { snapshot: Snapshot; task: Task } {
    const { context } = this;
    const sandbox = this.sandboxes.resolve(input.sandbox);
    context.docker;
    refuseTakenTag(context, input);
    const { containerId } = sandbox;
    if (!containerId) {
      throw new SandglassError('conflict', `"${sandbox.name}" is still being made.`, {
        hint: 'Capture it when it is ready.',
      });
    }
    const release = this.sandboxes.occupy(sandbox, 'capturing');
    const record = buildingRecord(input, {
      sourceSandboxId: sandbox.id,
      sourceSandboxName: sandbox.name,
      parentSnapshotId: sandbox.snapshotId,
      fsCapacityBytes: input.fsCapacityBytes ?? sandbox.fsCapacityBytes,
      labels: { ...sandbox.labels, ...input.labels },
      runConfig: sandbox.runConfig,
    });
    const snapshot = this.snapshots.save(record);
    const { task, outcome } = context.tasks.start(
      {
        kind: 'snapshot.capture',
        subject: record.name,
        snapshotId: record.id,
        sandboxId: sandbox.id,
        cancellable: true,
      },
      (control) => this.capture(record, containerId, control),
    );
    void outcome.then(release, release);
    return { snapshot, task };
  }

  private async capture(
    record: SnapshotRecord,
    containerId: string,
    control: TaskControl,
  ): Promise<void> {
    try {
      control.step('Reading what changed');
      const { containers, images } = this.context.docker;
      const { imageId } = await containers.inspect(containerId);
      const parent = await images.inspect(imageId);
      control.throwIfCancelled();
      control.step('Writing the snapshot');
      // The daemon cannot stop a commit half way: a cancel waits for it and then removes the image.
      await commitSnapshot(this.context, containerId, record, parent, control);
      control.throwIfCancelled();
      this.snapshots.save(await readBack(this.context, record));
    } catch (thrown) {
      await discardSnapshot(this.context, this.snapshots, record, null);
      throw thrown;
    }
  }
}
