import type { TaskKind } from '#shared/contract/tasks';
import type { Changes } from '../changes';

/** Work that a user waits for, and that reading beside it would slow. */
const urgent: ReadonlySet<TaskKind> = new Set([
  'sandbox.create',
  'sandbox.start',
  'snapshot.create',
  'snapshot.capture',
  'snapshot.build',
  'snapshot.import',
]);

/** Tells when Docker is needed for something that a user waits for, and when it is free again. */
export class BusyDocker {
  private readonly running = new Set<string>();

  constructor(changes: Changes, onChange: (isBusy: boolean) => void) {
    changes.listen((change) => {
      if (change.type !== 'task' || !urgent.has(change.task.kind)) return;
      const wasBusy = this.isBusy;
      if (change.task.endedAt === null) this.running.add(change.task.id);
      else this.running.delete(change.task.id);
      if (this.isBusy !== wasBusy) onChange(this.isBusy);
    });
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }
}
