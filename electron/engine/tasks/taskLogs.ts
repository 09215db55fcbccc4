import type { Changes } from '../changes';

/** The end of a log is what matters; characters. */
const LONGEST_LOG = 1_000_000;
/** Logs are kept for this many tasks, the newest ones, until the app ends. */
const KEPT_LOGS = 50;

interface Log {
  text: string;
  /** How much of its beginning is no longer kept; characters. */
  dropped: number;
}

const noLog: Log = { text: '', dropped: 0 };

/** What tasks have said, while they run and for a while after. */
export class TaskLogs {
  private readonly logs = new Map<string, Log>();

  constructor(private readonly changes: Changes) {}

  add(taskId: string, text: string): void {
    const { text: before, dropped } = this.of(taskId);
    const whole = before + text;
    const kept = whole.slice(-LONGEST_LOG);
    this.logs.set(taskId, { text: kept, dropped: dropped + whole.length - kept.length });
    const [oldest] = this.logs.keys();
    if (this.logs.size > KEPT_LOGS && oldest) this.logs.delete(oldest);
    this.changes.announce({ type: 'task.log', id: taskId, text });
  }

  text(taskId: string): string {
    return this.of(taskId).text;
  }

  /**
   * All that a task says, from its beginning to its end. A reader that is slow misses what is no longer
   * kept: nothing is kept for it alone.
   */
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
