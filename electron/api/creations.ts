import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../engine/engine';
import { errorText } from './wire/errors';

/** Creations remembered at once. Clients ask for a new object again within seconds. */
const MAX_REMEMBERED = 1000;

/**
 * Remembers creations that clients started, since the engine stores no record of one that failed.
 */
export class Creations<Wire extends { id: string; name: string }> {
  private readonly started = new Map<string, { wire: Wire; taskId: string }>();

  constructor(private readonly tasks: Engine['operations']['tasks']) {}

  remember(wire: Wire, { id: taskId }: Pick<Task, 'id'>): void {
    this.started.set(wire.id, { wire, taskId });
    const [oldest] = this.started.keys();
    if (this.started.size > MAX_REMEMBERED && oldest) this.started.delete(oldest);
  }

  /** The newest failed creation with this id or name; null if there is none. */
  async failed(reference: string): Promise<(Wire & { status: 'failed' }) | null> {
    const found = [...this.started.values()]
      .reverse()
      .find(({ wire }) => wire.id === reference.toLowerCase() || wire.name === reference);
    if (!found) return null;
    const task = await this.tasks.get({ id: found.taskId }).catch(() => null);
    if (!task?.endedAt || task.state === 'succeeded') return null;
    const { message, hint } = task.error ?? { message: 'It was cancelled.', hint: null };
    return { ...found.wire, status: 'failed', status_message: errorText({ message, hint }) };
  }

  forget(id: string): void {
    this.started.delete(id);
  }
}
