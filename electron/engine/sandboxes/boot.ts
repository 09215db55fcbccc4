import { randomUUID } from 'node:crypto';
import { humanId } from 'human-id';
import type { OperationInputs } from '#shared/contract/index';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import { SANDBOX_NAME_MAX } from '#shared/names';
import type { SandboxRecord } from '../catalog/sandboxRepository';
import type { StoredSnapshot } from '../catalog/snapshotRepository';
import type { EngineContext } from '../context';
import { describeObject } from '../docker/labels';
import { snapshotImageReference } from '../snapshots/snapshotImage';
import type { Snapshots } from '../snapshots/snapshots';
import type { TaskControl } from '../tasks/tasks';
import { containerName, tmpVolumeName } from './sandboxContainer';
import type { Sandboxes } from './sandboxes';

type BootInput = OperationInputs['sandboxes']['create'];

/** Everyone may write in `/tmp`, and only the owner may delete: the sticky bit. */
const TMP_MODE = 0o1777;

/** Boots sandboxes from snapshots. */
export class SandboxBoot {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
  ) {}

  /**
   * Starts to boot a sandbox.
   *
   * @throws SandglassError `not_found` (the snapshot), `conflict` (it is not ready), `name_taken`,
   * `engine_unreachable`; what goes wrong later is the task's
   */
  start(input: BootInput): { sandbox: Sandbox; task: Task } {
    const { context } = this;
    const snapshot = this.snapshots.resolve(input);
    context.docker;
    const record = provisioningRecord(input, snapshot, input.name ?? this.freeName());
    const sandbox = this.sandboxes.save(record);
    const { task } = context.tasks.start(
      { kind: 'sandbox.create', subject: record.name, sandboxId: record.id, cancellable: true },
      (control) => this.boot(record, snapshot, input.env ?? {}, control),
    );
    return { sandbox, task };
  }

  private async boot(
    record: SandboxRecord,
    snapshot: StoredSnapshot,
    env: Record<string, string>,
    control: TaskControl,
  ): Promise<void> {
    let containerId: string | null = null;
    try {
      control.step('Making the sandbox');
      const { archive, containers } = this.context.docker;
      containerId = await this.createContainer(record, snapshot, env);
      await archive.setFolderMode(containerId, '/tmp', TMP_MODE);
      control.throwIfCancelled();
      control.step('Starting it');
      await containers.start(containerId);
      control.throwIfCancelled();
      const container = await containers.inspect(containerId);
      if (container.state !== 'running') {
        throw new SandglassError('image_unusable', `"${record.name}" did not stay up.`, {
          hint: `Its shell ended with code ${container.exitCode}. Check the snapshot's image.`,
        });
      }
      const runConfig = { ...record.runConfig, env: container.env };
      this.sandboxes.refresh({ ...record, runConfig }, container);
    } catch (thrown) {
      await this.discard(record, containerId);
      throw thrown;
    }
  }

  private async createContainer(
    record: SandboxRecord,
    snapshot: StoredSnapshot,
    env: Record<string, string>,
  ): Promise<string> {
    return await this.context.docker.containers.createSandbox({
      name: containerName(record),
      hostname: record.name,
      imageId: snapshot.dockerImage ?? snapshotImageReference(snapshot),
      labels: describeObject({
        kind: 'sandbox',
        home: this.context.identity,
        id: record.id,
        name: record.name,
        snapshotId: snapshot.id,
        snapshotName: snapshot.name,
        fsCapacityBytes: record.fsCapacityBytes,
        idleStopSeconds: record.idleStopSeconds,
        deleteAfterStopSeconds: record.deleteAfterStopSeconds,
        user: record.runConfig.user,
        workDir: record.runConfig.workDir,
        labels: record.labels,
        createdAt: record.createdAt,
      }),
      env,
      workDir: record.runConfig.workDir,
      vcpus: record.vcpus,
      memBytes: record.memBytes,
      tmpVolume: tmpVolumeName(record.id),
    });
  }

  /** Takes back what a sandbox that will not be has left; Docker may be gone, then it is owed. */
  private async discard(record: SandboxRecord, containerId: string | null): Promise<void> {
    try {
      const { containers, volumes } = this.context.docker;
      if (containerId) await containers.remove(containerId);
      await volumes.remove(tmpVolumeName(record.id));
    } catch {
      this.context.catalog.removals.owe({ id: record.id, kind: 'sandbox' });
    }
    this.sandboxes.forget(record);
  }

  private freeName(): string {
    for (;;) {
      const name = humanId({ separator: '-', capitalize: false }).slice(0, SANDBOX_NAME_MAX);
      if (!this.context.catalog.sandboxes.findByName(name)) return name;
    }
  }
}

function provisioningRecord(
  input: BootInput,
  snapshot: StoredSnapshot,
  name: string,
): SandboxRecord {
  const now = Date.now();
  return {
    id: randomUUID(),
    name,
    status: 'provisioning',
    statusMessage: null,
    containerId: null,
    snapshotId: snapshot.id,
    snapshotName: snapshot.name,
    vcpus: input.vcpus ?? null,
    memBytes: input.memBytes ?? null,
    fsCapacityBytes: input.fsCapacityBytes ?? snapshot.fsCapacityBytes,
    runConfig: {
      user: input.user ?? snapshot.runConfig.user,
      workDir: input.workDir ?? snapshot.runConfig.workDir,
      env: { ...snapshot.runConfig.env, ...input.env },
    },
    labels: { ...snapshot.labels, ...input.labels },
    createdAt: now,
    idleStopSeconds: input.idleStopSeconds ?? 0,
    deleteAfterStopSeconds: input.deleteAfterStopSeconds ?? 0,
    lastActiveAt: now,
    startedAt: null,
    stoppedAt: null,
    updatedAt: now,
  };
}
