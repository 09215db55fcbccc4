import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { TaskControl, TaskDescription } from '../tasks';
import { snapshotImageReference } from './snapshotImage';
import type { Snapshots } from './snapshots';

export interface StartedSnapshot {
  snapshot: Snapshot;
  task: Task;
}

interface SnapshotInProgress extends StartedSnapshot {
  /** Resolves, never rejects, when the task has ended and its rollback is done. */
  ended: Promise<void>;
}

/**
 * Starts the task that creates a snapshot. The row exists immediately, in the state `building`; `create`
 * returns the finished record. A failure or cancel rolls back the row and the image.
 */
export function startSnapshot(
  context: EngineContext,
  snapshots: Snapshots,
  description: Pick<TaskDescription, 'kind' | 'sandboxId'>,
  record: SnapshotRecord,
  create: (control: TaskControl) => Promise<SnapshotRecord>,
): SnapshotInProgress {
  const snapshot = snapshots.save(record);
  const { task, outcome } = context.tasks.start(
    { ...description, subject: record.name, snapshotId: record.id, cancellable: true },
    async (control) => {
      try {
        snapshots.save(await create(control));
      } catch (thrown) {
        await discardSnapshot(context, snapshots, record);
        throw thrown;
      }
    },
  );
  const ended = outcome.then(
    () => {},
    () => {},
  );
  return { snapshot, task, ended };
}

/**
 * Rolls back a failed snapshot: removes its image and its row. If Docker is unreachable, records a
 * pending cleanup.
 */
async function discardSnapshot(
  context: EngineContext,
  snapshots: Snapshots,
  record: SnapshotRecord,
): Promise<void> {
  try {
    const { docker } = context;
    await docker.images.remove(snapshotImageReference(record));
  } catch {
    context.catalog.pendingCleanups.add({ id: record.id, kind: 'snapshot' });
  }
  snapshots.forget(record.id);
}
