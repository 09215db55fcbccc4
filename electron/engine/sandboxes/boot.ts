import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { humanId } from 'human-id';
import { overlayRunConfig } from '#shared/contract/fields';
import type { OperationInputs } from '#shared/contract/index';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { EgressInput } from '#shared/contract/schemas/egress';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import { SANDBOX_NAME_MAX } from '#shared/names';
import type { SandboxRecord, StoredSnapshot } from '../catalog';
import type { EngineContext } from '../context';
import type { ContainerDetails } from '../docker';
import { describeRecord } from '../docker';
import type { Egress } from '../egress';
import { newRecord, pickFields, sandboxFields } from '../fields';
import type { DefaultRuntime, Snapshots } from '../snapshots';
import { imageOf, refuseTooSmall } from '../snapshots';
import type { TaskControl } from '../tasks';
import { isBuilderName } from './dockerfileScript';
import type { ClonedMounts, GitMounts } from './gitMounts';
import { containerName, mountVolumeName, tmpVolumeName } from './sandboxContainer';
import type { Sandboxes } from './sandboxes';

type BootInput = Omit<OperationInputs['sandboxes']['create'], 'egress'> & { egress?: EgressInput };

/** World-writable with the sticky bit, as `/tmp` is in every distribution. */
const TMP_MODE = 0o1777;

/** Boots sandboxes from snapshots. */
export class SandboxBoot {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
    private readonly defaultRuntime: DefaultRuntime,
    private readonly mounts: GitMounts,
    private readonly egress: Egress,
  ) {}

  /**
   * Starts to boot a sandbox, from the default snapshot unless the input names one. A missing default
   * snapshot is built first.
   *
   * @throws SandglassError `not_found` (the snapshot), `conflict` (the snapshot is not ready),
   * `name_taken`, `invalid_input` (a capacity below the snapshot's size), `engine_unreachable`. Later
   * errors are the task's
   */
  async start(input: BootInput): Promise<{ sandbox: Sandbox; task: Task }> {
    const { context } = this;
    context.requireDocker();
    this.mounts.check(input.gitMounts ?? []);
    const { network = true, ports = [] } = input;
    this.egress.check(input.egress ?? null, { network, ports });
    const snapshot = await this.findSnapshot(input);
    refuseTooSmall(input.fsCapacityBytes ?? null, snapshot.sizeBytes, snapshot.name);
    const record = provisioningRecord(input, snapshot, input.name ?? this.freeName());
    this.sandboxes.save(record);
    try {
      // Before the container exists, so that it never joins a network that its access list forbids.
      await this.egress.set(record, input.egress ?? null);
    } catch (thrown) {
      this.sandboxes.forget(record);
      throw thrown;
    }
    const sandbox = this.sandboxes.get(record.id);
    const { task } = context.tasks.start(
      { kind: 'sandbox.create', subject: record.name, sandboxId: record.id, cancellable: true },
      (control) => this.boot(record, snapshot, input, control),
    );
    return { sandbox, task };
  }

  private async findSnapshot(input: BootInput): Promise<StoredSnapshot> {
    const { name = '', snapshotId, snapshotName } = input;
    if (snapshotId ?? snapshotName) return this.snapshots.resolve(input);
    if (isBuilderName(name)) return await this.defaultRuntime.findForBuilder();
    return await this.defaultRuntime.find();
  }

  private async boot(
    record: SandboxRecord,
    snapshot: StoredSnapshot,
    input: BootInput,
    control: TaskControl,
  ): Promise<void> {
    let containerId: string | null = null;
    let cloned: ClonedMounts | null = null;
    try {
      const ready = await this.whenReady(snapshot, control);
      refuseTooSmall(record.fsCapacityBytes, ready.sizeBytes, ready.name);
      if (input.gitMounts?.length) cloned = await this.mounts.clone(input.gitMounts, control);
      control.step('Creating the sandbox');
      const { archive, containers } = this.context.docker;
      containerId = await this.createContainer(record, ready, input);
      if (this.egress.describe(record.id)?.access) await this.egress.place(record.id, containerId);
      await archive.setFolderMode(containerId, '/tmp', TMP_MODE);
      control.throwIfCancelled();
      control.step('Starting the sandbox');
      await containers.start(containerId);
      control.throwIfCancelled();
      const container = await containers.inspect(containerId);
      if (container.state !== 'running') {
        throw new SandglassError(
          'image_unusable',
          `"${record.name}" exited right after its start.`,
          {
            hint: `Its shell ended with exit code ${container.exitCode}. Check the snapshot's image.`,
          },
        );
      }
      const booted: SandboxRecord = {
        ...record,
        runConfig: {
          user: record.runConfig.user ?? ready.runConfig.user,
          workDir: record.runConfig.workDir ?? ready.runConfig.workDir,
          env: container.env,
        },
        capacityKind: capacityKindOf(record, container),
        pidsLimit: container.pidsLimit,
      };
      await cloned?.putInto(containerId, booted.runConfig.user, control);
      control.throwIfCancelled();
      this.sandboxes.refresh(booted, container);
    } catch (thrown) {
      await this.discard(record, containerId);
      throw thrown;
    } finally {
      await cloned?.remove();
    }
  }

  /** Waits for a snapshot that is being built, such as the default one at its first use. */
  private async whenReady(snapshot: StoredSnapshot, control: TaskControl): Promise<StoredSnapshot> {
    const building = this.context.tasks.endOf(snapshot.id);
    if (snapshot.status === 'ready' || !building)
      return this.snapshots.resolve({ snapshotId: snapshot.id });
    control.step(`Building the default snapshot from ${snapshot.image}`);
    const ended = await Promise.race([building, once(control.signal, 'abort')]);
    control.throwIfCancelled();
    const error = 'error' in ended ? ended.error : null;
    if (!error) return this.snapshots.resolve({ snapshotId: snapshot.id });
    throw new SandglassError(error.code, `The default image: ${error.message}`, {
      field: error.field ?? undefined,
      hint: `Name a snapshot to boot from, choose another default image in Settings, or try again when ${snapshot.image} can be pulled.`,
    });
  }

  private async createContainer(
    record: SandboxRecord,
    snapshot: StoredSnapshot,
    input: BootInput,
  ): Promise<string> {
    const { fsCapacityBytes } = record;
    return await this.context.docker.containers.createSandbox({
      name: containerName(record),
      hostname: record.name,
      imageId: imageOf(snapshot),
      labels: describeRecord('sandbox', this.context.identity, record),
      env: input.env ?? {},
      workDir: record.runConfig.workDir,
      vcpus: record.vcpus,
      memBytes: record.memBytes,
      pidsLimit: record.pidsLimit,
      capacity:
        fsCapacityBytes === null
          ? null
          : { bytes: fsCapacityBytes, imageBytes: snapshot.sizeBytes ?? 0 },
      network: record.network,
      ports: input.ports ?? [],
      volumes: [
        { kind: 'tmp', name: tmpVolumeName(record.id), path: '/tmp' },
        ...(input.gitMounts ?? []).map(({ mountPath }, i) => ({
          kind: 'mount' as const,
          name: mountVolumeName(record.id, i),
          path: mountPath,
        })),
      ],
    });
  }

  /** Rolls back a failed boot. If Docker is unreachable, records a pending cleanup. */
  private async discard(record: SandboxRecord, containerId: string | null): Promise<void> {
    try {
      const { containers, volumes } = this.context.docker;
      if (containerId) await containers.remove(containerId);
      await volumes.removeOf(this.context.identity, record.id);
      await this.egress.forget(record.id);
    } catch {
      this.context.catalog.pendingCleanups.add({ id: record.id, kind: 'sandbox' });
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

function capacityKindOf(
  { fsCapacityBytes }: SandboxRecord,
  { hardCapacity }: ContainerDetails,
): SandboxRecord['capacityKind'] {
  if (fsCapacityBytes === null) return null;
  return hardCapacity ? 'hard' : 'soft';
}

function provisioningRecord(
  input: BootInput,
  snapshot: StoredSnapshot,
  name: string,
): SandboxRecord {
  const now = Date.now();
  const { user, workDir, env } = input;
  return newRecord(sandboxFields, {
    ...pickFields(sandboxFields, input),
    id: randomUUID(),
    name,
    snapshotId: snapshot.id,
    snapshotName: snapshot.name,
    ports: (input.ports ?? []).map(({ containerPort }) => ({ containerPort, hostPort: null })),
    fsCapacityBytes: input.fsCapacityBytes ?? snapshot.fsCapacityBytes,
    runConfig: overlayRunConfig(snapshot.runConfig, { user, workDir, env }),
    labels: { ...snapshot.labels, ...input.labels },
    createdAt: now,
    lastActiveAt: now,
    updatedAt: now,
  });
}
