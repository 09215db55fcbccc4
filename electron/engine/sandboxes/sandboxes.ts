import { isDeepStrictEqual } from 'node:util';
import pTimeout from 'p-timeout';
import {
  defaultWaitSeconds,
  overlayRunConfig,
  type RunConfigChange,
} from '#shared/contract/fields';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { EgressInput } from '#shared/contract/schemas/egress';
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
import { containerName } from './sandboxContainer';
import { statusOf } from './sandboxStatus';

type Activity = NonNullable<Sandbox['activity']>;

const clashes: Record<Activity, string> = {
  starting: 'is being started',
  stopping: 'is being stopped',
  suspending: 'is being suspended',
  capturing: 'is being captured',
  deleting: 'is being deleted',
};

/** The sandboxes there are: finding, listing, starting, stopping and deleting them. */
export class Sandboxes {
  /** What is being done to whom; not stored, since it ends with the process. */
  private readonly activities = new Map<string, Activity>();
  /** Starts and stops under way. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** By sandbox: when Docker was asked for what was last written of it. */
  private readonly answered = new Map<string, number>();

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

  /** A sandbox by its id or its name. @throws SandglassError `not_found` */
  resolve(reference: string): SandboxRecord {
    const { sandboxes } = this.context.catalog;
    const found = sandboxes.find(reference) ?? sandboxes.findByName(reference);
    if (found) return found;
    throw new SandglassError('not_found', `There is no sandbox "${reference}".`, {
      field: 'sandbox',
    });
  }

  /** A sandbox that runs, with its container. @throws SandglassError `not_found`, `not_running` */
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
   * A sandbox that runs, started first if it is stopped or about to be; several callers at once start
   * it once.
   *
   * @throws SandglassError `not_found`, `not_running` (it is still being made or has failed)
   */
  async ensureRunning(reference: string): Promise<SandboxRecord & { containerId: string }> {
    const { id } = this.resolve(reference);
    await this.underWay.get(id)?.catch(() => {});
    if (this.resolve(id).status === 'stopped') {
      // Whoever waited for the same change may be starting it by now.
      await (this.underWay.get(id) ?? this.start(id));
    }
    return this.resolveRunning(id);
  }

  /** The variables that every command of a running sandbox starts with. */
  async commandEnv(
    sandbox: SandboxRecord & { containerId: string },
  ): Promise<Record<string, string>> {
    return await this.egress.environment(sandbox, sandbox.runConfig.env);
  }

  /** Renames or changes a sandbox; new commands see it. @throws SandglassError `name_taken`, `conflict` */
  async update(
    reference: string,
    change: Partial<Pick<SandboxRecord, 'name' | 'idleStopSeconds' | 'deleteAfterStopSeconds'>> & {
      runConfig?: RunConfigChange;
      /** Null takes it away. */
      egress?: EgressInput | null;
      vcpus?: number;
      memBytes?: number;
    },
  ): Promise<Sandbox> {
    const { vcpus, memBytes } = change;
    if (change.egress !== undefined) await this.egress.set(this.resolve(reference), change.egress);
    if (vcpus ?? memBytes) await this.setLimits(this.resolve(reference), { vcpus, memBytes });
    const record = this.resolve(reference);
    const updated = {
      ...record,
      name: change.name ?? record.name,
      idleStopSeconds: change.idleStopSeconds ?? record.idleStopSeconds,
      deleteAfterStopSeconds: change.deleteAfterStopSeconds ?? record.deleteAfterStopSeconds,
      runConfig: overlayRunConfig(record.runConfig, change.runConfig),
    };
    const { containerId } = record;
    if (updated.name === record.name || !containerId) return this.save(updated);
    const { docker } = this.context;
    // The catalog first: it knows the names that are taken.
    const saved = this.save(updated);
    try {
      await docker.containers.rename(containerId, containerName(updated));
      return saved;
    } catch (thrown) {
      this.save(record);
      throw thrown;
    }
  }

  /** Changes what a sandbox may use, running or not. @throws SandglassError `conflict` */
  private async setLimits(
    record: SandboxRecord,
    limits: { vcpus?: number; memBytes?: number },
  ): Promise<void> {
    const { containerId } = record;
    const { containers } = this.context.docker;
    if (!containerId) throw stillMade(record);
    await containers.setLimits(containerId, limits);
    const { vcpus, memBytes } = await containers.inspect(containerId);
    this.save({ ...this.resolve(record.id), vcpus, memBytes });
  }

  /**
   * Starts a stopped sandbox, or lets a suspended one go on; one that runs is left as it is. After a
   * `timeout` the start goes on.
   *
   * @throws SandglassError `conflict`, `timeout`, `engine_error` (it did not stay up)
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
    await pTimeout(starting, operationTimeout(timeoutSeconds, `"${record.name}" is not ready`));
    const started = this.resolve(record.id);
    if (started.status === 'ready') return this.present(started);
    throw new SandglassError(
      'engine_error',
      `"${record.name}" did not stay up. ${started.statusMessage ?? ''}`.trim(),
      { hint: 'Its files are safe: capture it, and boot a new sandbox from the capture.' },
    );
  }

  /**
   * Stops a running sandbox; its files stay, and where it is so chosen its memory.
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
   * Freezes a running sandbox: stopped for its user, with processes and memory kept.
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

  /** Removes a sandbox and its files, running or not. @throws SandglassError `conflict` */
  async delete(reference: string): Promise<void> {
    const record = this.resolve(reference);
    const { docker, identity, tasks } = this.context;
    const release = this.lock(record, 'deleting');
    const { outcome } = tasks.start(
      { kind: 'sandbox.delete', subject: record.name, sandboxId: record.id },
      async (control) => {
        control.step('Removing the container and its files');
        // A build in it is nobody's any more.
        await tasks.cancelOf(record.id, 'snapshot.build');
        if (record.containerId) await docker.containers.remove(record.containerId);
        await docker.volumes.removeOf(identity, record.id);
        await removeBuiltImages(docker, identity, record.id);
        await this.egress.forget(record.id);
        this.forget(record);
      },
    );
    try {
      await outcome;
    } finally {
      release();
    }
  }

  /**
   * Claims a sandbox for one activity; returns the release.
   *
   * @throws SandglassError `conflict` while something else is being done to it
   */
  lock(record: SandboxRecord, activity: Activity): () => void {
    const current = this.activities.get(record.id);
    if (current) {
      throw new SandglassError('conflict', `"${record.name}" ${clashes[current]}.`, {
        hint: 'Wait until that has ended.',
      });
    }
    if (record.status === 'provisioning') throw stillMade(record);
    this.activities.set(record.id, activity);
    this.announce(record.id);
    return () => {
      this.activities.delete(record.id);
      this.announce(record.id);
    };
  }

  /**
   * Writes what Docker says about a sandbox's container, and announces it if that is news. An answer
   * that was overtaken by a later one is let go: a start would end with the pause before it.
   */
  refresh(record: SandboxRecord, container: ContainerDetails): void {
    if (container.requestedAt < (this.answered.get(record.id) ?? 0)) return;
    this.answered.set(record.id, container.requestedAt);
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
    this.answered.delete(record.id);
    this.context.changes.announce({ type: 'sandbox.removed', id: record.id });
    this.announceSnapshot(record.snapshotId);
  }

  /** Who asks for what is being done already gets its outcome. */
  private async perform(
    record: SandboxRecord,
    activity: Activity,
    kind: TaskKind,
    work: (containerId: string, control: TaskControl) => Promise<void>,
  ): Promise<void> {
    const { docker, tasks } = this.context;
    const same = this.activities.get(record.id) === activity && this.underWay.get(record.id);
    if (same) return await same;
    const release = this.lock(record, activity);
    const { outcome } = tasks.start(
      { kind, subject: record.name, sandboxId: record.id },
      async (control) => {
        const containerId = record.containerId ?? '';
        const isPaused = activity === 'suspending';
        // What is true now is what Docker says, whether the work went well or not.
        let look = () => docker.containers.inspect(containerId);
        try {
          await work(containerId, control);
          look = () => docker.containers.inspectSettled(containerId, isPaused);
        } finally {
          this.refresh(this.resolve(record.id), await look());
        }
      },
    );
    const done = outcome.then(() => {}).finally(release);
    this.underWay.set(record.id, done);
    try {
      await done;
    } finally {
      this.underWay.delete(record.id);
    }
  }

  private present(record: SandboxRecord): Sandbox {
    const { id } = record;
    const activity = this.activities.get(id) ?? null;
    return { ...record, activity, egress: this.egress.describe(id) };
  }

  /** Announces a sandbox again, because of something that is not stored with it. */
  announce(id: string): void {
    const record = this.context.catalog.sandboxes.find(id);
    if (record) this.context.changes.announce({ type: 'sandbox', sandbox: this.present(record) });
  }

  private announceSnapshot(id: string): void {
    if (this.context.catalog.snapshots.find(id)) this.snapshots.announce(id);
  }
}

function stillMade({ name }: SandboxRecord): SandglassError {
  return new SandglassError('conflict', `"${name}" is still being made.`, {
    hint: 'Wait until it is ready, or cancel its creation.',
  });
}
