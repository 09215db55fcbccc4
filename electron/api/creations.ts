import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../engine/engine';

/** So many are remembered: whoever asked for one asks for it again within seconds. */
const KEPT = 1000;

/** What is being made for a client, and why it could not be: the engine keeps no row of that. */
export class Creations<Wire extends { id: string; name: string }> {
  private readonly started = new Map<string, { wire: Wire; taskId: string }>();

  constructor(private readonly tasks: Engine['operations']['tasks']) {}

  remember(wire: Wire, { id: taskId }: Pick<Task, 'id'>): void {
    this.started.set(wire.id, { wire, taskId });
    const [oldest] = this.started.keys();
    if (this.started.size > KEPT && oldest) this.started.delete(oldest);
  }

  /** The newest of this id or name that could not be made; null when there is none. */
  async failed(reference: string): Promise<(Wire & { status: 'failed' }) | null> {
    const found = [...this.started.values()]
      .reverse()
      .find(({ wire }) => wire.id === reference.toLowerCase() || wire.name === reference);
    if (!found) return null;
    const task = await this.tasks.get({ id: found.taskId }).catch(() => null);
    if (!task?.endedAt || task.state === 'succeeded') return null;
    const { message, hint } = task.error ?? { message: 'It was cancelled.', hint: null };
    const said = [message, hint].filter(Boolean).join(' ');
    return { ...found.wire, status: 'failed', status_message: said };
  }

  forget(id: string): void {
    this.started.delete(id);
  }
}
