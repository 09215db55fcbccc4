import { Notification } from 'electron';
import type { Task, TaskKind } from '#shared/contract/tasks';

/** Shorter tasks end while the user is still watching. Milliseconds. */
const LONG_TASK_MS = 5000;

const nouns: Record<TaskKind, string> = {
  'snapshot.create': 'Snapshot',
  'snapshot.capture': 'Capture',
  'snapshot.build': 'Build',
  'snapshot.duplicate': 'Duplicate',
  'snapshot.import': 'Import',
  'snapshot.export': 'Export',
  'snapshot.update': 'Change',
  'snapshot.delete': 'Deletion of snapshot',
  'sandbox.create': 'Sandbox',
  'sandbox.start': 'Start of',
  'sandbox.stop': 'Stop of',
  'sandbox.suspend': 'Suspension of',
  'files.upload': 'Upload of',
  'files.download': 'Download of',
  'contents.save': 'Copy of',
  'sandbox.delete': 'Deletion of sandbox',
  'disk.reclaim': 'Deletion of',
};

/** Keeps notifications referenced: a garbage-collected one loses its click handler. */
const shown = new Set<Notification>();

/** Shows a notification when a long task has ended. Cancelled tasks are left out. */
export function notifyEnd(task: Task, onClick: () => void): void {
  const { endedAt, startedAt, state } = task;
  if (endedAt === null || endedAt - startedAt < LONG_TASK_MS || state === 'cancelled') return;
  if (!Notification.isSupported()) return;
  const notification = new Notification({
    title: `${nouns[task.kind]} "${task.subject}" ${state === 'succeeded' ? 'is done' : 'failed'}`,
    body: task.error?.message ?? task.outcome ?? '',
  });
  shown.add(notification);
  notification.on('close', () => shown.delete(notification));
  notification.on('click', () => {
    shown.delete(notification);
    onClick();
  });
  notification.show();
}
