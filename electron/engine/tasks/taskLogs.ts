import type { Changes } from '../changes';

/** The beginning of a longer log is dropped. Characters. */
const MAX_LOG_LENGTH = 1_000_000;
/** Retained logs, of the newest tasks. Logs end with the app. */
const MAX_RETAINED_LOGS = 50;

interface Log {
  text: string;
  /** Characters dropped from the beginning. */
  dropped: number;
}

const noLog: Log = { text: '', dropped: 0 };

/** Output of tasks, during the run and for a while afterwards. */
export class TaskLogs {
  private readonly logs = new Map<string, Log>();

  constructor(private readonly changes: Changes) {}

  add(taskId: string, text: string): void {
    const { text: before, dropped } = this.of(taskId);
    const whole = before + text;
    const kept = whole.slice(-MAX_LOG_LENGTH);
    this.logs.set(taskId, { text: kept, dropped: dropped + whole.length - kept.length });
    const [oldest] = this.logs.keys();
    if (this.logs.size > MAX_RETAINED_LOGS && oldest) this.logs.delete(oldest);
    this.changes.announce({ type: 'task.log', id: taskId, text });
  }

  text(taskId: string): string {
    return this.of(taskId).text;
  }

  /** Streams a task's output from its beginning to its end. A slow reader misses what is dropped meanwhile. */
  async *follow(
    taskId: string,
    isRunning: () => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<string, void, void> {
    let wake = () => {};
    const unlisten = this.changes.listen((change) => {
      const id = change.type === 'task' ? change.task.id : change.type === 'task.log' && change.id;
      if (id === taskId) wake();
    });
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    try {
      for (let at = 0; ; ) {
        const { text, dropped } = this.of(taskId);
        const next = text.slice(Math.max(at - dropped, 0));
        at = dropped + text.length;
        if (next) yield next;
        else if (signal.aborted || !isRunning()) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      unlisten();
      signal.removeEventListener('abort', onAbort);
    }
  }

  private of(taskId: string): Log {
    return this.logs.get(taskId) ?? noLog;
  }
}
