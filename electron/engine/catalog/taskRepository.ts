import type Database from 'better-sqlite3';
import type { Task } from '#shared/contract/tasks';

/** A task as history keeps it: without its progress, which ends with it. */
export type TaskRecord = Omit<Task, 'progress' | 'cancellable'>;

interface Row {
  id: string;
  kind: Task['kind'];
  subject: string;
  snapshot_id: string | null;
  sandbox_id: string | null;
  state: Task['state'];
  error: string | null;
  started_at: number;
  ended_at: number | null;
  outcome: string | null;
}

/** How many ended tasks history keeps. */
const HISTORY = 500;

export const taskQueries = {
  recent: 'SELECT * FROM tasks ORDER BY started_at DESC, id LIMIT ?',
} as const;

export class TaskRepository {
  constructor(private readonly database: Database.Database) {}

  /** Newest first. */
  recent(): TaskRecord[] {
    return this.database.prepare<[number], Row>(taskQueries.recent).all(HISTORY).map(rowToTask);
  }

  save(task: TaskRecord): void {
    this.database
      .prepare(
        `INSERT OR REPLACE INTO tasks VALUES (@id, @kind, @subject, @snapshotId, @sandboxId, @state,
          @error, @startedAt, @endedAt, @outcome)`,
      )
      .run({
        id: task.id,
        kind: task.kind,
        subject: task.subject,
        snapshotId: task.snapshotId,
        sandboxId: task.sandboxId,
        state: task.state,
        error: task.error ? JSON.stringify(task.error) : null,
        startedAt: task.startedAt,
        endedAt: task.endedAt,
        outcome: task.outcome,
      });
  }

  removeEnded(): void {
    this.database.prepare('DELETE FROM tasks WHERE ended_at IS NOT NULL').run();
  }

  /** Forgets what is older than the history that is kept. */
  prune(): void {
    this.database
      .prepare(
        `DELETE FROM tasks WHERE ended_at IS NOT NULL AND id NOT IN
          (SELECT id FROM tasks ORDER BY started_at DESC, id LIMIT ?)`,
      )
      .run(HISTORY);
  }
}

function rowToTask(row: Row): TaskRecord {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    snapshotId: row.snapshot_id,
    sandboxId: row.sandbox_id,
    state: row.state,
    error: row.error ? JSON.parse(row.error) : null,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
  };
}
