import { create } from 'zustand';
import type { Task } from '#shared/contract/tasks';
import { createCollection } from './collection';

export const useTasks = createCollection<Task>();

/** The running task of a snapshot or sandbox, if any. */
export function useTaskOf(objectId: string): Task | null {
  return useTasks(
    ({ items }) =>
      items.find(
        (task) =>
          task.endedAt === null && (task.snapshotId === objectId || task.sandboxId === objectId),
      ) ?? null,
  );
}

/** Build logs by task id. Only logs that the user has opened are kept. */
export const useTaskLogs = create<Record<string, string>>(() => ({}));

/** Appends output to a task's log if that log is kept. */
export function appendToLog(taskId: string, text: string): void {
  useTaskLogs.setState((logs) => (taskId in logs ? { [taskId]: logs[taskId] + text } : {}));
}
