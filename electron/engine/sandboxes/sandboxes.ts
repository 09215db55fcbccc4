import { isDeepStrictEqual } from 'node:util';
import pTimeout from 'p-timeout';
import { defaultWaitSeconds } from '#shared/contract/fields';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { TaskKind } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ContainerDetails } from '../docker';
import type { Egress } from '../egress';
import { operationTimeout } from '../lib';
import type { Snapshots } from '../snapshots';
import type { TaskControl } from '../tasks';
import { removeBuiltImages } from './builtImages';
import { statusOf } from './sandboxStatus';

type Activity = NonNullable<Sandbox['activity']>;

const clashes: Record<Activity, string> = {
  starting: 'is being started',
  stopping: 'is being stopped',
  suspending: 'is being suspended',
  capturing: 'is being captured',
  deleting: 'is being deleted',
};

/** Finds, lists, starts, stops and deletes sandboxes. */
export class Sandboxes {
  /** Current activity by sandbox. Not stored, because it ends with the process. */
  private readonly activities = new Map<string, Activity>();
  /** Operations in progress by sandbox: starts, stops and suspensions. */
  private readonly inProgress = new Map<string, Promise<void>>();
  /** By sandbox, the request time of the inspection that was written last. */
  private readonly lastInspectAt = new Map<string, number>();

  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly egress: Egress,
  ) {}

  list(): Sandbox[] {
    return this.context.catalog.sandboxes.all().map((record) => this.present(record));
  }

  /** @throws SandglassError `not_found` */
  get(reference: string): Sandbox {
    return this.present(this.resolve(reference));
  }

  /** Finds a sandbox by id or name. @throws SandglassError `not_found` */
  resolve(reference: string): SandboxRecord {
    const { sandboxes } = this.context.catalog;
    const found = sandboxes.find(reference) ?? sandboxes.findByName(reference);
    if (found) return found;
    throw new SandglassError('not_found', `There is no sandbox "${reference}".`, {
      field: 'sandbox',
    });
  }

  /** Finds a running sandbox. @throws SandglassError `not_found`, `not_running` */
  resolveRunning(reference: string): SandboxRecord & { containerId: string } {
    const record = this.resolve(reference);
    if (record.status === 'ready' && record.containerId) {
      return { ...record, containerId: record.containerId };
    }
    throw new SandglassError('not_running', `"${record.name}" is ${record.status}.`, {
      hint: record.status === 'stopped' ? 'Start it first.' : undefined,
    });
  }

  /**
   * Finds a sandbox and starts it if it is stopped or stopping. Concurrent callers share one start.
   *
   * @throws SandglassError `not_found`, `not_running` (the sandbox is being created or has failed)
   */
  async ensureRunning(reference: string): Promise<SandboxRecord & { containerId: string }> {
    const { id } = this.resolve(reference);
    await this.inProgress.get(id)?.catch(() => {});
    if (this.resolve(id).status === 'stopped') {
      // Another caller that waited for the same stop may have started it.
      await (this.inProgress.get(id) ?? this.start(id));
    }
    return this.resolveRunning(id);
  }

  /** Environment of every command in a running sandbox. */
  async commandEnv(
    sandbox: SandboxRecord & { containerId: string },
  ): Promise<Record<string, string>> {
    return await this.egress.environment(sandbox, sandbox.runConfig.env);
  }

  /**
   * Starts a stopped sandbox or resumes a suspended one. No-op for a running one. The start continues
   * after a `timeout`.
   *
   * @throws SandglassError `conflict`, `timeout`, `engine_error` (the container exited at once)
   */
  async start(
    reference: string,
    timeoutSeconds: number = defaultWaitSeconds.start,
  ): Promise<Sandbox> {
    const record = this.resolve(reference);
    if (record.status === 'ready') return this.present(record);
    const starting = this.perform(record, 'starting', 'sandbox.start', async (containerId) => {
      const { containers } = this.context.docker;
      await (record.suspended ? containers.unpause(containerId) : containers.start(containerId));
    });
    await pTimeout(starting, operationTimeout(timeoutSeconds, `"${record.name}" did not start`));
    const started = this.resolve(record.id);
    if (started.status === 'ready') return this.present(started);
    throw new SandglassError(
      'engine_error',
      `"${record.name}" exited right after its start. ${started.statusMessage ?? ''}`.trim(),
      { hint: 'Its files are kept. Capture it and boot a new sandbox from the capture.' },
    );
  }

  /**
   * Stops a running sandbox, or suspends it if it preserves its memory. Files are kept.
   *
   * @throws SandglassError `conflict`
   */
  async stop(reference: string): Promise<Sandbox> {
    const record = this.resolve(reference);
    if (record.status === 'stopped' && !record.suspended) return this.present(record);
    if (record.preserveMemory && record.status === 'ready') return await this.suspend(reference);
    await this.perform(record, 'stopping', 'sandbox.stop', async (containerId) => {
      await this.context.docker.containers.stop(containerId, record.suspended);
    });
    return this.get(record.id);
  }

  /**
   * Suspends a running sandbox: a stop that keeps processes and memory.
   *
   * @throws SandglassError `conflict`, `not_running`
   */
  async suspend(reference: string): Promise<Sandbox> {
    const record = this.resolve(reference);
    if (record.suspended) return this.present(record);
    const { id } = this.resolveRunning(reference);
    await this.perform(record, 'suspending', 'sandbox.suspend', async (containerId) => {
      await this.context.docker.containers.pause(containerId);
    });
    return this.get(id);
  }

  /** Deletes a sandbox, running or not, with its files. @throws SandglassError `conflict` */
  async delete(reference: string): Promise<void> {
    const record = this.resolve(reference);
    const { docker, identity, tasks } = this.context;
    const release = this.lock(record, 'deleting');
    const kind = 'sandbox.delete';
    try {
      await tasks.start({ kind, subject: record.name, sandboxId: record.id }, async (control) => {
        control.step('Removing the container and its files');
        // A build in this sandbox has lost its purpose.
        await tasks.cancelOf(record.id, 'snapshot.build');
        if (record.containerId) await docker.containers.remove(record.containerId);
        await docker.volumes.removeOf(identity, record.id);
        await removeBuiltImages(docker, identity, record.id);
        await this.egress.forget(record.id);
        this.forget(record);
      }).outcome;
    } finally {
      release();
    }
  }

  /**
   * Locks a sandbox for one activity. Returns the function that unlocks it.
   *
   * @throws SandglassError `conflict` during another activity
   */
  lock(record: SandboxRecord, activity: Activity): () => void {
    const current = this.activities.get(record.id);
    if (current) {
      throw new SandglassError('conflict', `"${record.name}" ${clashes[current]}.`, {
        hint: 'Wait until that has ended.',
      });
    }
    if (record.status === 'provisioning') throw beingCreated(record);
    this.activities.set(record.id, activity);
    this.announce(record.id);
    return () => {
      this.activities.delete(record.id);
      this.announce(record.id);
    };
  }

  /**
   * Updates a sandbox by its container, and announces it if it has changed. Ignores an inspection that
   * was requested before the last one written: a start would otherwise end with the pause before it.
   */
  refresh(record: SandboxRecord, container: ContainerDetails): void {
    if (container.requestedAt < (this.lastInspectAt.get(record.id) ?? 0)) return;
    this.lastInspectAt.set(record.id, container.requestedAt);
    const next = {
      ...record,
      containerId: container.containerId,
      ...statusOf(container, record),
      ports: container.ports,
    };
    if (!isDeepStrictEqual(next, record)) this.save(next);
  }

  /** Writes a sandbox to the catalog and announces it. @throws SandglassError `name_taken` */
  save(record: SandboxRecord): Sandbox {
    const isNew = this.context.catalog.sandboxes.find(record.id) === null;
    this.context.catalog.sandboxes.save({ ...record, updatedAt: Date.now() });
    if (isNew) this.announceSnapshot(record.snapshotId);
    this.announce(record.id);
    return this.get(record.id);
  }

  /** Drops a sandbox from the catalog and announces it. */
  forget(record: SandboxRecord): void {
    this.context.catalog.sandboxes.remove(record.id);
    this.lastInspectAt.delete(record.id);
    this.context.changes.announce({ type: 'sandbox.removed', id: record.id });
    this.announceSnapshot(record.snapshotId);
  }

  /** Single-flight: joins an identical operation in progress. */
  private async perform(
    record: SandboxRecord,
    activity: Activity,
    kind: TaskKind,
    work: (containerId: string, control: TaskControl) => Promise<void>,
  ): Promise<void> {
    const { docker, tasks } = this.context;
    const same = this.activities.get(record.id) === activity && this.inProgress.get(record.id);
    if (same) return await same;
    const release = this.lock(record, activity);
    const task = async (control: TaskControl) => {
      const containerId = record.containerId ?? '';
      const isPaused = activity === 'suspending';
      // Docker has the true state, also after a failure.
      let inspect = () => docker.containers.inspect(containerId);
      try {
        await work(containerId, control);
        inspect = () => docker.containers.inspectSettled(containerId, isPaused);
      } finally {
        this.refresh(this.resolve(record.id), await inspect());
      }
    };
    const run = async () => {
      try {
        const description = { kind, subject: record.name, sandboxId: record.id };
        await tasks.start(description, task).outcome;
      } finally {
        release();
      }
    };
    const done = run();
    this.inProgress.set(record.id, done);
    try {
      await done;
    } finally {
      this.inProgress.delete(record.id);
    }
  }

  private present(record: SandboxRecord): Sandbox {
    const { id } = record;
    const activity = this.activities.get(id) ?? null;
    return { ...record, activity, egress: this.egress.describe(id) };
  }

  /** Announces a sandbox whose unstored fields have changed. */
  announce(id: string): void {
    const record = this.context.catalog.sandboxes.find(id);
    if (record) this.context.changes.announce({ type: 'sandbox', sandbox: this.present(record) });
  }

  private announceSnapshot(id: string): void {
    if (this.context.catalog.snapshots.find(id)) this.snapshots.announce(id);
  }
}

export function beingCreated({ name }: SandboxRecord): SandglassError {
  return new SandglassError('conflict', `"${name}" is still being created.`, {
    hint: 'Wait until it is ready, or cancel its creation.',
  });
}
