import type { EngineContext } from '../context';
import { buildingRecord, refuseTakenTag, type SnapshotDescription } from './newSnapshot';
import { snapshotFromImage } from './snapshotFromImage';
import { snapshotImageReference } from './snapshotImage';
import type { Snapshots } from './snapshots';
import { type StartedSnapshot, startSnapshot } from './snapshotTask';

/** Makes snapshots under another name. */
export class SnapshotDuplicate {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to make a snapshot with the contents of one that is there, and with its origin: a sibling, not
   * a child. They share their layers, and either outlives the other. What the caller does not say is as
   * it is there.
   *
   * @throws SandglassError `not_found`, `conflict` (it is not ready), `name_taken`, `engine_unreachable`;
   * what goes wrong later is the task's
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
        const reference = source.dockerImage ?? snapshotImageReference(source);
        const found = await context.docker.images.inspect(reference);
        return await snapshotFromImage(context, record, found, control);
      },
    );
  }
}
