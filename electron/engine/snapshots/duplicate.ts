import type { EngineContext } from '../context';
import { buildingRecord, refuseTakenTag, type SnapshotDescription } from './newSnapshot';
import { snapshotFromImage } from './snapshotFromImage';
import { imageOf } from './snapshotImage';
import type { Snapshots } from './snapshots';
import { type StartedSnapshot, startSnapshot } from './snapshotTask';

/** Duplicates snapshots under other names. */
export class SnapshotDuplicate {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to duplicate a snapshot. The duplicate has the source's contents and origin: it is a sibling,
   * not a child. Both share their layers, and each can be deleted without the other. Omitted fields are
   * copied from the source.
   *
   * @throws SandglassError `not_found`, `conflict` (not ready), `name_taken`, `engine_unreachable`; later
   * errors are the task's
   */
  start(input: SnapshotDescription & { id: string }): StartedSnapshot {
    const { context, snapshots } = this;
    const source = snapshots.resolve({ snapshotId: input.id });
    context.requireDocker();
    refuseTakenTag(context, input);
    const { image, imageDigest, sourceSandboxId, sourceSandboxName } = source;
    const { parentSnapshotId, ancestors, registryId } = source;
    const record = buildingRecord(
      {
        name: input.name,
        tag: input.tag,
        fsCapacityBytes: input.fsCapacityBytes ?? source.fsCapacityBytes ?? undefined,
        note: input.note ?? source.note,
        labels: input.labels ?? source.labels,
        runConfig: input.runConfig,
      },
      {
        ...{ image, imageDigest, sourceSandboxId, sourceSandboxName },
        ...{ parentSnapshotId, ancestors, registryId },
      },
    );
    return startSnapshot(
      context,
      snapshots,
      { kind: 'snapshot.duplicate' },
      record,
      async (control) => {
        const found = await context.docker.images.inspect(imageOf(source));
        return await snapshotFromImage(context, record, found, control);
      },
    );
  }
}
