import type { Task, TaskKind } from '#shared/contract/tasks';
import { formatBytes } from '#shared/format';

const verbs: Record<TaskKind, string> = {
  'snapshot.create': 'Build snapshot',
  'snapshot.capture': 'Capture',
  'snapshot.build': 'Build snapshot',
  'snapshot.duplicate': 'Duplicate as',
  'snapshot.import': 'Import snapshot',
  'snapshot.export': 'Export',
  'snapshot.update': 'Update',
  'snapshot.delete': 'Delete snapshot',
  'sandbox.create': 'Boot',
  'sandbox.start': 'Start',
  'sandbox.stop': 'Stop',
  'sandbox.suspend': 'Suspend',
  'files.upload': 'Upload',
  'files.download': 'Download',
  'contents.save': 'Save',
  'sandbox.delete': 'Delete sandbox',
  'disk.reclaim': 'Reclaim',
};

/** Title of a task, such as "Capture ml-ready". */
export function taskTitle(task: Task): string {
  return `${verbs[task.kind]} ${task.subject}`;
}

const outcomes: Record<Task['state'], string> = {
  running: 'Running',
  cancelling: 'Cancelling…',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function taskOutcome(task: Task): string {
  return [outcomes[task.state], task.outcome].filter(Boolean).join(' · ');
}

/** Progress of a task, such as "Pulling python:3.12 · 12.1 of 44.9 MiB · 3 of 5 layers". */
export function taskProgressText({ progress }: Task): string {
  const { step, bytesDone, bytesTotal, layers } = progress;
  const parts = [step];
  if (bytesDone !== null && bytesTotal) {
    parts.push(`${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`);
  }
  if (layers.length > 0) {
    const done = layers.filter(
      (l) => l.status === 'Pull complete' || l.status === 'Already exists',
    );
    parts.push(`${done.length} of ${layers.length} layers`);
  }
  return parts.filter(Boolean).join(' · ');
}
