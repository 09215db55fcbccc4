import type { Task } from '#shared/contract/tasks';
import { createCollection } from './collection';

export const useTasks = createCollection<Task>();

/** The running task that works on a snapshot or sandbox, if any. */
export function useTaskOf(objectId: string): Task | null {
  return useTasks(
    ({ items }) =>
      items.find(
        (task) =>
          task.endedAt === null && (task.snapshotId === objectId || task.sandboxId === objectId),
      ) ?? null,
  );
}
