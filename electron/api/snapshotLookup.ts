import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import type { Sandglass } from '../engine/sandglass';
import { MOST_ON_A_PAGE } from './wire/listing';
import { type SnapshotWire, toSnapshotWire } from './wire/snapshots';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Failed builds that are remembered: their client asks within seconds. */
const KEPT_FAILURES = 1000;

export function isId(reference: string): boolean {
  return uuid.test(reference);
}

/** Snapshots as the API's clients ask for them: by id, by name, and also one that has failed. */
export class SnapshotLookup {
  private readonly started = new Map<string, SnapshotWire>();

  constructor(private readonly operations: Sandglass['operations']) {}

  /** The engine keeps no row of what failed; its client asks for it to learn why. */
  remember(snapshot: Snapshot): SnapshotWire {
    const wire = toSnapshotWire(snapshot);
    this.started.set(wire.id, wire);
    const [oldest] = this.started.keys();
    if (this.started.size > KEPT_FAILURES && oldest) this.started.delete(oldest);
    return wire;
  }

  forget(id: string): void {
    this.started.delete(id);
  }

  /** By its id, or the newest ready one of a `name` or `name:tag`. @throws SandglassError `not_found` */
  async get(reference: string): Promise<SnapshotWire> {
    const { snapshots } = this.operations;
    if (!isId(reference)) return toSnapshotWire(await snapshots.find({ name: reference }));
    try {
      return toSnapshotWire(await snapshots.get({ id: reference.toLowerCase() }));
    } catch (thrown) {
      const failed = await this.failure(reference.toLowerCase());
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

  private async failure(id: string): Promise<SnapshotWire | null> {
    const wire = this.started.get(id);
    const task = (await this.operations.tasks.list()).find(({ snapshotId }) => snapshotId === id);
    if (!wire || !task?.endedAt || task.state === 'succeeded') return null;
    const { error } = task;
    const said = error
      ? [error.message, error.hint].filter(Boolean).join(' ')
      : 'It was cancelled.';
    return { ...wire, status: 'failed', status_message: said };
  }
}
