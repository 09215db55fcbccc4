import { randomUUID } from 'node:crypto';
import { setTimeout as setTimer } from 'node:timers';
import pTimeout from 'p-timeout';
import { defaultWaitSeconds } from '#shared/contract/fields';
import type { Task, TaskKind, TaskProgress } from '#shared/contract/tasks';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { TaskRepository } from '../catalog';
import type { Changes } from '../changes';
import { operationTimeout } from '../lib';
import { TaskLogs } from './taskLogs';

/** Interface of a task's work to its task. */
export interface TaskControl {
  /** Aborts when the user cancels. */
  signal: AbortSignal;
  /** Sets the current step, and resets the progress. */
  step(text: string): void;
  /** Appends to the task's log. */
  log(text: string): void;
  progress(numbers: Partial<Omit<TaskProgress, 'step'>>): void;
  /** Sets the result's description for the user, announced with the end state. */
  outcome(text: string): void;
  /** @throws SandglassError `cancelled` when the user has cancelled */
  throwIfCancelled(): void;
  /** Marks the rest of the work as irreversible: the task can no longer be cancelled. */
  pointOfNoReturn(): void;
}

export interface TaskDescription {
  kind: TaskKind;
  subject: string;
  snapshotId?: string | null;
  sandboxId?: string | null;
  cancellable?: boolean;
}

/** Default timeout of `wait`, in seconds. */
function defaultWait(kind: TaskKind): number {
  if (kind === 'sandbox.create') return defaultWaitSeconds.create;
  return kind === 'sandbox.start' ? defaultWaitSeconds.start : defaultWaitSeconds.snapshot;
}

/** Minimum interval between announcements of progress. Milliseconds. */
const ANNOUNCE_INTERVAL_MS = 100;

const noProgress: TaskProgress = {
  step: '',
  fraction: null,
  bytesDone: null,
  bytesTotal: null,
  layers: [],
};

interface Running {
  task: Task;
  abort: AbortController;
  /** Resolves with the end state, never rejects. Null only while the work is being started. */
  ended: Promise<Task> | null;
  announcedAt: number;
  pending: NodeJS.Timeout | null;
}

/**
 * Long operations, independent of the view that started them. A task ends in exactly one state, announced
 * after its work has cleaned up.
 */
export class Tasks {
  private readonly running = new Map<string, Running>();
  private readonly logs: TaskLogs;

  constructor(
    private readonly repository: TaskRepository,
    private readonly changes: Changes,
  ) {
    this.logs = new TaskLogs(changes);
    this.endInterrupted();
  }

  /**
   * Runs work as a task. Returns the task at once, and an `outcome` that settles as the work does.
   */
  start<T>(
    description: TaskDescription,
    work: (control: TaskControl) => Promise<T>,
  ): { task: Task; outcome: Promise<T> } {
    const task: Task = {
      id: randomUUID(),
      kind: description.kind,
      subject: description.subject,
      snapshotId: description.snapshotId ?? null,
      sandboxId: description.sandboxId ?? null,
      state: 'running',
      progress: noProgress,
      error: null,
      outcome: null,
      cancellable: description.cancellable ?? false,
      startedAt: Date.now(),
      endedAt: null,
    };
    const abort = new AbortController();
    const running: Running = { task, abort, ended: null, announcedAt: 0, pending: null };
    this.running.set(task.id, running);
    this.remember(task);
    this.changes.announce({ type: 'task', task });
    const outcome = work(this.controlOf(running));
    running.ended = outcome.then(
      () => this.end(running, 'succeeded', null),
      (thrown) => this.endFailed(running, toSandglassError(thrown)),
    );
    return { task, outcome };
  }

  /** Running and ended tasks, newest first. */
  list(): Task[] {
    const past = this.repository.recent().filter(({ id }) => !this.running.has(id));
    const running = [...this.running.values()].map(({ task }) => task);
    return [...running, ...past.map(asPast)].sort((a, b) => b.startedAt - a.startedAt);
  }

  /** @throws SandglassError `not_found` */
  get(id: string): Task {
    const task = this.list().find((candidate) => candidate.id === id);
    if (task) return task;
    throw new SandglassError('not_found', 'This task does not exist.', { field: 'id' });
  }

  /** Cancels a task. Resolves after its cleanup. @throws SandglassError `conflict` */
  async cancel(id: string): Promise<Task> {
    const running = this.running.get(id);
    if (!running) return this.get(id);
    if (!running.task.cancellable) {
      throw new SandglassError('conflict', 'This task can no longer be cancelled.', {
        hint: 'Wait for its end.',
      });
    }
    this.update(running, { state: 'cancelling', cancellable: false }, true);
    running.abort.abort(new SandglassError('cancelled', 'Cancelled.'));
    return (await running.ended) ?? running.task;
  }

  /** Cancels the tasks of a kind on a sandbox. Resolves after their cleanup. */
  async cancelOf(sandboxId: string, kind: TaskKind): Promise<void> {
    const all = [...this.running.values()].filter(
      ({ task }) => task.sandboxId === sandboxId && task.kind === kind,
    );
    for (const running of all) {
      if (running.task.cancellable) await this.cancel(running.task.id);
      else await running.ended;
    }
  }

  /** Waits for a task's end. The task continues after a `timeout`. @throws SandglassError `timeout` */
  async wait(id: string, seconds?: number): Promise<Task> {
    const running = this.running.get(id);
    if (!running) return this.get(id);
    const timeoutSeconds = seconds ?? defaultWait(running.task.kind);
    const ended = running.ended ?? Promise.resolve(running.task);
    return await pTimeout(ended, operationTimeout(timeoutSeconds, 'The task did not end'));
  }

  /** Resolves at the end of the task on a snapshot or sandbox; null without one. */
  endOf(objectId: string): Promise<Task> | null {
    for (const { task, ended } of this.running.values()) {
      if (task.snapshotId === objectId || task.sandboxId === objectId) return ended;
    }
    return null;
  }

  /** A task's output so far. @throws SandglassError `not_found` */
  log(id: string): string {
    return this.logs.text(this.get(id).id);
  }

  /** Streams a task's output until its end. @throws SandglassError `not_found` */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<string, void, void> {
    this.get(id);
    yield* this.logs.follow(id, () => this.running.has(id), signal);
  }

  clearEnded(): void {
    const ended = this.list().filter((task) => task.endedAt !== null);
    this.repository.removeEnded();
    for (const { id } of ended) this.changes.announce({ type: 'task.removed', id });
  }

  /** Whether a task works on a snapshot or sandbox. */
  isBusy(objectId: string): boolean {
    for (const { task } of this.running.values()) {
      if (task.snapshotId === objectId || task.sandboxId === objectId) return true;
    }
    return false;
  }

  /** Ids of the snapshots and sandboxes with a running task. */
  busyIds(): Set<string> {
    const tasks = [...this.running.values()].map(({ task }) => task);
    const ids = tasks.flatMap(({ snapshotId, sandboxId }) => [snapshotId, sandboxId]);
    return new Set(ids.filter((id) => id !== null));
  }

  /** Cancels the cancellable tasks, and waits for the end of all. */
  async endAll(): Promise<void> {
    const all = [...this.running.values()];
    for (const { task, abort } of all) if (task.cancellable) abort.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }

  private controlOf(running: Running): TaskControl {
    const { signal } = running.abort;
    return {
      signal,
      step: (step) => this.update(running, { progress: { ...noProgress, step } }, true),
      log: (text) => this.logs.add(running.task.id, text),
      progress: (numbers) =>
        this.update(running, { progress: { ...running.task.progress, ...numbers } }, false),
      outcome: (outcome) => {
        running.task = { ...running.task, outcome };
      },
      throwIfCancelled: () => {
        if (signal.aborted) throw new SandglassError('cancelled', 'Cancelled.');
      },
      pointOfNoReturn: () => this.update(running, { cancellable: false }, true),
    };
  }

  private endFailed(running: Running, error: SandglassError): Task {
    if (running.abort.signal.aborted) return this.end(running, 'cancelled', null);
    return this.end(running, 'failed', error);
  }

  private end(running: Running, state: Task['state'], error: SandglassError | null): Task {
    this.running.delete(running.task.id);
    this.update(
      running,
      { state, error: error?.toInfo() ?? null, cancellable: false, endedAt: Date.now() },
      true,
    );
    this.remember(running.task);
    return running.task;
  }

  /** Writes a task to the history. A full disk does not stop the work. */
  private remember(task: Task): void {
    try {
      this.repository.save(task);
      if (task.endedAt !== null) this.repository.prune();
    } catch (thrown) {
      if (toSandglassError(thrown).code !== 'disk_full') throw thrown;
    }
  }

  private update(running: Running, change: Partial<Task>, now: boolean): void {
    running.task = { ...running.task, ...change };
    if (now || Date.now() - running.announcedAt >= ANNOUNCE_INTERVAL_MS) {
      this.announce(running);
    } else {
      running.pending ??= setTimer(() => this.announce(running), ANNOUNCE_INTERVAL_MS);
    }
  }

  private announce(running: Running): void {
    if (running.pending) clearTimeout(running.pending);
    running.pending = null;
    running.announcedAt = Date.now();
    this.changes.announce({ type: 'task', task: running.task });
  }

  /** Marks the running tasks of a previous process as failed. */
  private endInterrupted(): void {
    const error = new SandglassError(
      'interrupted',
      'Sandglass was closed while this task was running.',
      {
        hint: 'Partial results were removed. Try again.',
      },
    );
    for (const record of this.repository.recent()) {
      if (record.endedAt !== null) continue;
      this.repository.save({
        ...record,
        state: 'failed',
        error: error.toInfo(),
        endedAt: Date.now(),
      });
    }
  }
}

function asPast(record: Omit<Task, 'progress' | 'cancellable'>): Task {
  return { ...record, progress: noProgress, cancellable: false };
}
