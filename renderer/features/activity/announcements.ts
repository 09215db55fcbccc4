import { toast } from 'sonner';
import { create } from 'zustand';
import { newCapacityWarning } from '#shared/capacity';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Task } from '#shared/contract/tasks';
import { openDialog, useRoute } from '../../stores/route';
import { taskOutcome, taskTitle } from './describeTask';

/** The last outcome, for screen readers. */
export const useAnnouncement = create<{ text: string }>(() => ({ text: '' }));

/** Tells how a task ended: to everyone's ears, and to the eyes where the page does not show it. */
export function announceEnd(task: Task): void {
  if (task.endedAt === null) return;
  useAnnouncement.setState({ text: `${taskTitle(task)}: ${taskOutcome(task)}` });
  const { page } = useRoute.getState().route;
  if (page === 'activity') return;
  if (task.kind === 'disk.reclaim' && isShown('reclaim')) return;
  if (task.state === 'failed' && !isShown('task-log')) {
    toast.error(`${taskTitle(task)} failed`, {
      description: task.error?.message,
      duration: 10_000,
      action: task.kind === 'snapshot.build' && {
        label: 'Show the log',
        onClick: () => openDialog({ kind: 'task-log', taskId: task.id }),
      },
    });
  }
  if (task.state !== 'succeeded') return;
  if (makesSnapshot.has(task.kind)) toast.success(`Snapshot ${task.subject} is ready`);
  else if (task.outcome) toast.success(taskTitle(task), { description: task.outcome });
}

const makesSnapshot: ReadonlySet<Task['kind']> = new Set([
  'snapshot.create',
  'snapshot.capture',
  'snapshot.build',
  'snapshot.duplicate',
  'snapshot.import',
]);

function isShown(dialog: string): boolean {
  return useRoute.getState().dialog?.kind === dialog;
}

/** Tells once when a sandbox's disk gets full, wherever the user is. */
export function announceCapacity(known: readonly Sandbox[], now: Sandbox): void {
  const before = known.find(({ id }) => id === now.id) ?? null;
  const warning = newCapacityWarning(before, now);
  if (!warning) return;
  useAnnouncement.setState({ text: `${now.name}: ${warning}` });
  toast.warning(now.name, { description: warning, duration: 10_000 });
}
