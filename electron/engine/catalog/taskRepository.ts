import type Database from 'better-sqlite3';
import { errorInfoSchema } from '#shared/contract/fields';
import type { Task } from '#shared/contract/tasks';
import {
  type FieldTable,
  field,
  fromRow,
  insertInto,
  json,
  nullable,
  type Row,
  text,
  time,
  toRow,
} from '../fields';

/** A task in the history, without its progress. */
export type TaskRecord = Omit<Task, 'progress' | 'cancellable'>;

const taskFields = {
  id: field('id', text()),
  kind: field('kind', text<Task['kind']>()),
  subject: field('subject', text()),
  snapshotId: field('snapshot_id', nullable(text())),
  sandboxId: field('sandbox_id', nullable(text())),
  state: field('state', text<Task['state']>()),
  error: field('error', nullable(json(errorInfoSchema, null))),
  outcome: field('outcome', nullable(text())),
  startedAt: field('started_at', time),
  endedAt: field('ended_at', nullable(time)),
} satisfies FieldTable<TaskRecord>;

/** Ended tasks in the history. */
const MAX_HISTORY = 500;

export const taskQueries = {
  recent: 'SELECT * FROM tasks ORDER BY started_at DESC, id LIMIT ?',
} as const;

export class TaskRepository {
  constructor(private readonly database: Database.Database) {}

  /** Newest first. */
  recent(): TaskRecord[] {
    return this.database.prepare<[number], Row>(taskQueries.recent).all(MAX_HISTORY).map(rowToTask);
  }

  save(task: TaskRecord): void {
    this.database
      .prepare(insertInto('tasks', taskFields, 'OR REPLACE'))
      .run(toRow(taskFields, task));
  }

  removeEnded(): void {
    this.database.prepare('DELETE FROM tasks WHERE ended_at IS NOT NULL').run();
  }

  /** Removes the ended tasks beyond the history's maximum, oldest first. */
  prune(): void {
    this.database
      .prepare(
        `DELETE FROM tasks WHERE ended_at IS NOT NULL AND id NOT IN
          (SELECT id FROM tasks ORDER BY started_at DESC, id LIMIT ?)`,
      )
      .run(MAX_HISTORY);
  }
}

const rowToTask = (row: Row): TaskRecord => fromRow(taskFields, row);
