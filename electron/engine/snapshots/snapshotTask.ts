import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import type { SnapshotRecord } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import type { TaskControl, TaskDescription } from '../tasks/tasks';
import { discardSnapshot } from './newSnapshot';
import type { Snapshots } from './snapshots';

export interface StartedSnapshot {
  snapshot: Snapshot;
  task: Task;
}

/**
 * Makes a snapshot as a task: its row is there at once, `make` returns the finished record, and
 * whatever goes wrong takes everything back.
 */
export function startSnapshot(
  context: EngineContext,
  snapshots: Snapshots,
  what: Pick<TaskDescription, 'kind' | 'sandboxId'>,
  record: SnapshotRecord,
  make: (control: TaskControl) => Promise<SnapshotRecord>,
): StartedSnapshot {
  const snapshot = snapshots.save(record);
  const { task } = context.tasks.start(
    { ...what, subject: record.name, snapshotId: record.id, cancellable: true },
    async (control) => {
      try {
        snapshots.save(await make(control));
      } catch (thrown) {
        await discardSnapshot(context, snapshots, record);
        throw thrown;
      }
    },
  );
  return { snapshot, task };
}
