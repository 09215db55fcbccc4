import { create } from 'zustand';

/** What builds have said, by task: only of those whose log is open or was opened. */
export const useTaskLogs = create<Record<string, string>>(() => ({}));

/** Adds what a build has just said, where its log has been asked for. */
export function addToLog(taskId: string, text: string): void {
  useTaskLogs.setState((logs) => (taskId in logs ? { [taskId]: logs[taskId] + text } : {}));
}
