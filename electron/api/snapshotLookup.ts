import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { Engine } from '../engine/engine';
import { Creations } from './creations';
import { MOST_ON_A_PAGE } from './wire/listing';
import { type SnapshotWire, toSnapshotWire } from './wire/snapshots';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The client asks again after two. */
const MOMENT_SECONDS = 1;

export function isId(reference: string): boolean {
  return uuid.test(reference);
}

/** Snapshots as the API's clients ask for them: by id, by name, and also one that has failed. */
export class SnapshotLookup {
  private readonly creations: Creations<SnapshotWire>;

  constructor(private readonly operations: Engine['operations']) {
    this.creations = new Creations(operations.tasks);
  }

  /**
   * Answers for a snapshot that is being made. What needs no pull ends sooner than its client would ask
   * again, and is answered whole.
   */
  async begun({ snapshot, task }: { snapshot: Snapshot; task: Task }): Promise<SnapshotWire> {
    this.creations.remember(toSnapshotWire(snapshot), task);
    await this.operations.tasks
      .wait({ id: task.id, timeoutSeconds: MOMENT_SECONDS })
      .catch((thrown: unknown) => {
        if (toSandglassError(thrown).code !== 'timeout') throw thrown;
      });
    return await this.get(snapshot.id);
  }

  forget(id: string): void {
    this.creations.forget(id);
  }

  /** By its id, or the newest ready one of a `name` or `name:tag`. @throws SandglassError `not_found` */
  async get(reference: string): Promise<SnapshotWire> {
    const { snapshots } = this.operations;
    if (!isId(reference)) return toSnapshotWire(await snapshots.find({ name: reference }));
    try {
      return toSnapshotWire(await snapshots.get({ id: reference.toLowerCase() }));
    } catch (thrown) {
      const failed = await this.creations.failed(reference);
      if (failed) return failed;
      throw thrown;
    }
  }

  /** Every one, newest first. */
  async all(nameContains?: string): Promise<SnapshotWire[]> {
    const found: SnapshotWire[] = [];
    for (let offset = 0; ; offset += MOST_ON_A_PAGE) {
      const limit = MOST_ON_A_PAGE;
      const page = await this.operations.snapshots.list({ limit, offset, nameContains });
      found.push(...page.snapshots.map(toSnapshotWire));
      if (page.snapshots.length < MOST_ON_A_PAGE) return found;
    }
  }

  /** The task that has made it, or tries to. @throws SandglassError `not_found` */
  async task(reference: string): Promise<Task> {
    const { id } = await this.get(reference);
    const all = (await this.operations.tasks.list()).filter(({ snapshotId }) => snapshotId === id);
    // Newest first: what came later to it, as an export, says nothing of how it was made.
    const task = all.at(-1);
    if (task) return task;
    throw new SandglassError('not_found', `Nothing is known of how "${reference}" was made.`);
  }
}
