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
import { type CreatedSandbox, createdSandbox } from './createdSandbox';
import { resolveExcluded } from './excludedPaths';

/** Ancestors in a capture's record and label: enough to find a lineage's root, and still a short label. */
const MAX_ANCESTORS = 100;

/** Captures sandboxes as new snapshots. */
export class SnapshotCapture {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
    private readonly usage: UsageMeter,
  ) {}

  /**
   * Starts to capture a running or stopped sandbox: its filesystem without `/tmp`, mounts and the
   * excluded paths.
   *
   * @throws SandglassError `not_found`, `conflict` (the sandbox is locked), `name_taken`,
   * `engine_unreachable`; later errors are the task's
   */
  start(input: SnapshotDescription & { sandbox: string; exclude?: string[] }): StartedSnapshot {
    const { context } = this;
    const sandbox = createdSandbox(this.sandboxes, input.sandbox);
    context.requireDocker();
    refuseTakenTag(context, input);
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
        (control) => this.capture(record, sandbox, input.exclude ?? [], control),
      );
      void ended.then(release);
      return { snapshot, task };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /**
   * Starts to create a snapshot from an image that was built in a sandbox. The sandbox may be deleted
   * meanwhile.
   *
   * @throws SandglassError `not_found`, `invalid_input` (no such built image), `name_taken`,
   * `engine_unreachable`; later errors are the task's
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

  /** Ancestors of a capture, nearest first. */
  private ancestorsOf({ snapshotId, snapshotName }: SandboxRecord): Ancestor[] {
    const parent = this.context.catalog.snapshots.find(snapshotId);
    const further = parent?.ancestors ?? [];
    return [{ id: snapshotId, name: snapshotName }, ...further].slice(0, MAX_ANCESTORS);
  }

  private async capture(
    record: SnapshotRecord,
    sandbox: CreatedSandbox,
    exclude: string[],
    control: TaskControl,
  ): Promise<SnapshotRecord> {
    control.step('Reading changes');
    const { containerId } = sandbox;
    const { archive, containers, images } = this.context.docker;
    const { imageId } = await containers.inspect(containerId);
    const parent = await images.inspect(imageId);
    const excluded = await resolveExcluded(archive, containerId, exclude);
    // Without the excluded paths the snapshot may be within the capacity: it is checked afterwards.
    if (excluded.length === 0) await this.refuseOverCapacity(record, sandbox);
    control.throwIfCancelled();
    control.step('Writing the snapshot');
    // The daemon cannot abort a commit: a cancel waits for its end and then removes the image.
    await commitSnapshot(this.context, containerId, record, parent, control, excluded);
    control.throwIfCancelled();
    const finished = await readFinished(this.context, record);
    if (excluded.length > 0) {
      refuseLargerThan(record.fsCapacityBytes, finished.sizeBytes ?? 0, sandbox);
    }
    return finished;
  }

  /** Enforces the capacity for storage drivers without quotas. */
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
    `"${sandbox.name}" takes ${formatBytes(used)}, more than its capacity of ${formatBytes(capacity)}.`,
    {
      field: 'fsCapacityBytes',
      hint: 'Delete files in it, or capture with a larger capacity.',
    },
  );
}
