import type { TaskKind } from '#shared/contract/tasks';
import type { Changes } from '../changes';

/** Tasks that a user waits for and that indexing would slow down. */
const foregroundTasks: ReadonlySet<TaskKind> = new Set([
  'sandbox.create',
  'sandbox.start',
  'snapshot.create',
  'snapshot.capture',
  'snapshot.build',
  'snapshot.duplicate',
  'snapshot.import',
]);

/** Tracks whether Docker is busy with a task that a user waits for. */
export class BusyDocker {
  private readonly running = new Set<string>();
  private readonly waiting: Array<() => void> = [];

  constructor(changes: Changes, onChange: (isBusy: boolean) => void) {
    changes.listen((change) => {
      if (change.type !== 'task' || !foregroundTasks.has(change.task.kind)) return;
      const wasBusy = this.isBusy;
      if (change.task.endedAt === null) this.running.add(change.task.id);
      else this.running.delete(change.task.id);
      if (this.isBusy === wasBusy) return;
      onChange(this.isBusy);
      if (this.isBusy) return;
      for (const resolve of this.waiting.splice(0)) resolve();
    });
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** Resolves when no such task runs. */
  async untilFree(): Promise<void> {
    while (this.isBusy) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  }
}
