import { overlayRunConfig } from '#shared/contract/fields';
import type { Ancestor } from '#shared/contract/snapshots';
import { SandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { SandboxRecord, SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { Sandboxes, UsageMeter } from '../sandboxes';
import { findBuiltImage } from '../sandboxes';
import type { Snapshots } from '../snapshots';
import {
  buildingRecord,
  buildReference,
  commitSnapshot,
  readFinished,
  refuseTakenTag,
  type SnapshotDescription,
  type StartedSnapshot,
  snapshotFromImage,
  startSnapshot,
} from '../snapshots';
import type { TaskControl } from '../tasks';
import { realPaths } from './excludedPaths';

/** How many a capture keeps in mind: enough to find a family's beginning, few enough for a label. */
const MOST_ANCESTORS = 100;

/** Captures sandboxes as new snapshots. */
export class SnapshotCapture {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
    private readonly usage: UsageMeter,
  ) {}

  /**
   * Starts to capture a running or stopped sandbox: its persistent filesystem, without `/tmp`,
   * mounts and processes, and without what is excluded.
   *
   * @throws SandglassError `not_found`, `conflict` (the sandbox is busy), `name_taken`,
   * `engine_unreachable`; what goes wrong later is the task's
   */
  start(input: SnapshotDescription & { sandbox: string; exclude?: string[] }): StartedSnapshot {
    const { context } = this;
    const sandbox = this.sandboxes.resolve(input.sandbox);
    context.requireDocker();
    refuseTakenTag(context, input);
    const { containerId } = sandbox;
    if (!containerId) {
      throw new SandglassError('conflict', `"${sandbox.name}" is still being made.`, {
        hint: 'Capture it when it is ready.',
      });
    }
    const record = buildingRecord(input, {
      sourceSandboxId: sandbox.id,
      sourceSandboxName: sandbox.name,
      parentSnapshotId: sandbox.snapshotId,
      ancestors: this.ancestorsOf(sandbox),
      fsCapacityBytes: input.fsCapacityBytes ?? sandbox.fsCapacityBytes,
      labels: { ...sandbox.labels, ...input.labels },
      runConfig: overlayRunConfig(sandbox.runConfig, input.runConfig),
    });
    const release = this.sandboxes.lock(sandbox, 'capturing');
    try {
      const { snapshot, task, ended } = startSnapshot(
        context,
        this.snapshots,
        { kind: 'snapshot.capture', sandboxId: sandbox.id },
        record,
        (control) => this.capture(record, sandbox, containerId, input.exclude ?? [], control),
      );
      void ended.then(release);
      return { snapshot, task };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /**
   * Starts to make a snapshot of an image that was built in a sandbox. The sandbox itself may go
   * meanwhile.
   *
   * @throws SandglassError `not_found`, `invalid_input` (it has built no such image), `name_taken`,
   * `engine_unreachable`; what goes wrong later is the task's
   */
  async startFromBuilt(
    input: SnapshotDescription & { sandbox: string; builtImage: string },
  ): Promise<StartedSnapshot> {
    const { context } = this;
    const sandbox = this.sandboxes.resolve(input.sandbox);
    const image = await findBuiltImage(context, sandbox.id, input.builtImage);
    refuseTakenTag(context, input);
    const record = buildingRecord(input, {
      sourceSandboxId: sandbox.id,
      sourceSandboxName: sandbox.name,
      fsCapacityBytes: input.fsCapacityBytes ?? sandbox.fsCapacityBytes,
      labels: { ...sandbox.labels, ...input.labels },
    });
    return startSnapshot(
      context,
      this.snapshots,
      { kind: 'snapshot.capture', sandboxId: sandbox.id },
      record,
      async (control) => {
        const { images } = context.docker;
        const reference = buildReference(record);
        await images.tag(image.imageId, reference);
        try {
          return await snapshotFromImage(context, record, image, control);
        } finally {
          await images.remove(reference);
        }
      },
    );
  }

  /** What a capture of a sandbox descends from, the nearest ones. */
  private ancestorsOf({ snapshotId, snapshotName }: SandboxRecord): Ancestor[] {
    const parent = this.context.catalog.snapshots.find(snapshotId);
    const further = parent?.ancestors ?? [];
    return [{ id: snapshotId, name: snapshotName }, ...further].slice(0, MOST_ANCESTORS);
  }

  private async capture(
    record: SnapshotRecord,
    sandbox: SandboxRecord,
    containerId: string,
    exclude: string[],
    control: TaskControl,
  ): Promise<SnapshotRecord> {
    control.step('Reading what changed');
    const { archive, containers, images } = this.context.docker;
    const { imageId } = await containers.inspect(containerId);
    const parent = await images.inspect(imageId);
    const left = await realPaths(archive, containerId, exclude);
    // What is left out may be just what is too much: then the result is what counts.
    if (left.length === 0) await this.refuseOverCapacity(record, sandbox);
    control.throwIfCancelled();
    control.step('Writing the snapshot');
    // The daemon cannot stop a commit half way: a cancel waits for it and then removes the image.
    await commitSnapshot(this.context, containerId, record, parent, control, left);
    control.throwIfCancelled();
    const made = await readFinished(this.context, record);
    if (left.length > 0) refuseLargerThan(record.fsCapacityBytes, made.sizeBytes ?? 0, sandbox);
    return made;
  }

  /** Where the driver sets no limit, nothing past the capacity gets into a snapshot. */
  private async refuseOverCapacity(record: SnapshotRecord, sandbox: SandboxRecord): Promise<void> {
    const { fsCapacityBytes: capacity } = record;
    if (capacity === null) return;
    refuseLargerThan(capacity, await this.usage.measure(sandbox.id), sandbox);
  }
}

/** @throws SandglassError `capacity_exceeded` */
function refuseLargerThan(capacity: number | null, used: number, sandbox: SandboxRecord): void {
  if (capacity === null || used <= capacity) return;
  throw new SandglassError(
    'capacity_exceeded',
    `"${sandbox.name}" holds ${formatBytes(used)}, more than its capacity of ${formatBytes(capacity)}.`,
    {
      field: 'fsCapacityBytes',
      hint: 'Delete files in it, or capture with a larger capacity.',
    },
  );
}
