import { toast } from 'sonner';
import { create } from 'zustand';
import { newCapacityWarning } from '#shared/capacity';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Task } from '#shared/contract/tasks';
import { onChange } from '../../stores/changes';
import { openDialog, useRoute } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { taskOutcome, taskTitle } from './describeTask';

/** The latest announcement for screen readers. */
export const useAnnouncement = create<{ text: string }>(() => ({ text: '' }));

/** Announces ended tasks and sandboxes whose disk is nearly full, from now on. */
export function announceChanges(): void {
  onChange((change) => {
    if (change.type === 'task') announceEnd(change.task);
    if (change.type === 'sandbox') announceCapacity(useSandboxes.getState().items, change.sandbox);
  });
}

/** Announces a task's outcome to screen readers, and as a toast unless the page already shows it. */
function announceEnd(task: Task): void {
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
        label: 'Show log',
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

/** Warns once when a sandbox's disk is nearly full, on any page. */
function announceCapacity(known: readonly Sandbox[], now: Sandbox): void {
  const before = known.find(({ id }) => id === now.id) ?? null;
  const warning = newCapacityWarning(before, now);
  if (!warning) return;
  useAnnouncement.setState({ text: `${now.name}: ${warning}` });
  toast.warning(now.name, { description: warning, duration: 10_000 });
}
