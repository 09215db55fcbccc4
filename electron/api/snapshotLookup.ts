import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { Engine } from '../engine/engine';
import { Creations } from './creations';
import { MAX_PAGE_SIZE } from './wire/listing';
import { isId, type SnapshotWire, toSnapshotWire } from './wire/snapshots';

/** Seconds to wait for a short build. Shorter than the 2 s after which the SDK polls again. */
const SHORT_BUILD_SECONDS = 1;

/** Looks up snapshots for API clients by id or name, including those whose creation failed. */
export class SnapshotLookup {
  private readonly creations: Creations<SnapshotWire>;

  constructor(private readonly operations: Engine['operations']) {
    this.creations = new Creations(operations.tasks);
  }

  /**
   * Responds for a snapshot in the making. Waits briefly, since without a pull most builds finish
   * before the client would poll for the first time.
   */
  async respondStarted({
    snapshot,
    task,
  }: {
    snapshot: Snapshot;
    task: Task;
  }): Promise<SnapshotWire> {
    this.creations.remember(toSnapshotWire(snapshot), task);
    await this.operations.tasks
      .wait({ id: task.id, timeoutSeconds: SHORT_BUILD_SECONDS })
      .catch((thrown: unknown) => {
        if (toSandglassError(thrown).code !== 'timeout') throw thrown;
      });
    return await this.get(snapshot.id);
  }

  forget(id: string): void {
    this.creations.forget(id);
  }

  /**
   * Finds a snapshot by id, or the newest ready one of a `name` or `name:tag`.
   *
   * @throws SandglassError `not_found`
   */
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

  /** All snapshots, newest first. */
  async all(nameContains?: string): Promise<SnapshotWire[]> {
    const found: SnapshotWire[] = [];
    for (let offset = 0; ; offset += MAX_PAGE_SIZE) {
      const limit = MAX_PAGE_SIZE;
      const page = await this.operations.snapshots.list({ limit, offset, nameContains });
      found.push(...page.snapshots.map(toSnapshotWire));
      if (page.snapshots.length < MAX_PAGE_SIZE) return found;
    }
  }

  /**
   * The task that creates or created a snapshot.
   *
   * @throws SandglassError `not_found`
   */
  async task(reference: string): Promise<Task> {
    const { id } = await this.get(reference);
    const all = (await this.operations.tasks.list()).filter(({ snapshotId }) => snapshotId === id);
    // The list is newest first. Later tasks of the snapshot, such as exports, are not its creation.
    const task = all.at(-1);
    if (task) return task;
    throw new SandglassError('not_found', `No build record exists for "${reference}".`);
  }
}
