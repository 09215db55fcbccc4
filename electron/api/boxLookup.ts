import type { Sandbox } from '#shared/contract/sandboxes';
import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../engine/engine';
import { Creations } from './creations';
import { type BoxWire, toBoxWire } from './wire/boxes';

/** Looks up sandboxes for API clients, including those whose creation failed. */
export class BoxLookup {
  private readonly creations: Creations<BoxWire>;

  constructor(private readonly operations: Engine['operations']) {
    this.creations = new Creations(operations.tasks);
  }

  remember(sandbox: Sandbox, task: Task, base: string): void {
    this.creations.remember(toBoxWire(sandbox, base), task);
  }

  /**
   * Finds a sandbox by id or name. `base` as for `toBoxWire`.
   *
   * @throws SandglassError `not_found`
   */
  async get(reference: string, base: string): Promise<BoxWire> {
    try {
      return toBoxWire(await this.operations.sandboxes.get({ sandbox: reference }), base);
    } catch (thrown) {
      const failed = await this.creations.failed(reference);
      if (failed) return failed;
      throw thrown;
    }
  }

  /**
   * Deletes a sandbox in any state. Cancels its creation if that is still running.
   *
   * @throws SandglassError `not_found`
   */
  async delete(reference: string): Promise<void> {
    const { sandboxes, tasks } = this.operations;
    const { id, status } = await this.get(reference, '');
    this.creations.forget(id);
    if (status === 'failed' && !(await this.isThere(id))) return;
    const making = (await tasks.list()).find(
      ({ kind, sandboxId, endedAt }) =>
        kind === 'sandbox.create' && sandboxId === id && endedAt === null,
    );
    if (making) await tasks.cancel({ id: making.id });
    if (!making || (await this.isThere(id))) await sandboxes.delete({ sandbox: id });
  }

  private async isThere(id: string): Promise<boolean> {
    return (await this.operations.sandboxes.list()).some((sandbox) => sandbox.id === id);
  }
}
