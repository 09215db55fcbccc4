import type { TaskKind } from '#shared/contract/tasks';
import type { Changes } from '../changes';

/** Work that a user waits for, and that reading beside it would slow. */
const urgent: ReadonlySet<TaskKind> = new Set([
  'sandbox.create',
  'sandbox.start',
  'snapshot.create',
  'snapshot.capture',
  'snapshot.build',
  'snapshot.duplicate',
  'snapshot.import',
]);

/** Tells when Docker is needed for something that a user waits for, and when it is free again. */
export class BusyDocker {
  private readonly running = new Set<string>();
  private readonly waiting: Array<() => void> = [];

  constructor(changes: Changes, onChange: (isBusy: boolean) => void) {
    changes.listen((change) => {
      if (change.type !== 'task' || !urgent.has(change.task.kind)) return;
      const wasBusy = this.isBusy;
      if (change.task.endedAt === null) this.running.add(change.task.id);
      else this.running.delete(change.task.id);
      if (this.isBusy === wasBusy) return;
      onChange(this.isBusy);
      if (this.isBusy) return;
      for (const goOn of this.waiting.splice(0)) goOn();
    });
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** Resolves when nobody waits for Docker any more. */
  async free(): Promise<void> {
    while (this.isBusy) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  }
}
