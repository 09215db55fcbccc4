import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ContainerDetails, DockerApi, SandglassLabels } from '../docker';
import { contradictsPause, ignoringGone } from '../docker';
import { sandboxFromLabels, tmpVolumeName } from '../sandboxes';
import type { ReconcileNeeds } from './needs';
import { completePendingCleanups } from './pendingCleanups';
import type { ReconcileQueue } from './queue';
import { staleListGuard } from './staleListGuard';

/** Compares sandboxes with labelled containers and volumes. */
export class SandboxReconciler {
  constructor(
    private readonly context: EngineContext,
    private readonly needs: ReconcileNeeds,
    private readonly queue: ReconcileQueue,
  ) {}

  async compare(docker: DockerApi): Promise<void> {
    const { catalog, identity, tasks } = this.context;
    await completePendingCleanups(this.context, docker);
    const isFresh = staleListGuard(tasks);
    const [containers, volumes] = await Promise.all([
      docker.containers.listOwn(identity),
      docker.volumes.listOwn(identity),
    ]);
    for (const { containerId, labels } of containers) {
      const record = catalog.sandboxes.find(labels.id);
      if (!isFresh(labels.id, record?.updatedAt)) continue;
      if (labels.kind === 'sandbox') {
        // The row of a container that is gone by now is dropped at its event.
        await ignoringGone(() => this.adopt(docker, containerId, labels, record));
      }
      if (this.isLeftOver(labels, containerId)) await docker.containers.remove(containerId);
    }
    const present = new Set(containers.map(({ labels }) => labels.id));
    for (const record of catalog.sandboxes.all()) {
      if (present.has(record.id)) continue;
      if (isFresh(record.id, record.updatedAt)) this.needs.sandboxes.sandboxes.forget(record);
      else if (record.status !== 'provisioning') this.queue.compareLater();
    }
    for (const { name, labels } of volumes) {
      const isUsed = present.has(labels.id) || catalog.sandboxes.find(labels.id) !== null;
      if (!isUsed && isFresh(labels.id)) await docker.volumes.remove(name);
    }
    await this.compareEgress();
  }

  /** Updates one sandbox by its container. */
  async inspect(id: string, containerId: string): Promise<void> {
    const container = await this.context.docker.containers.inspect(containerId);
    const record = this.context.catalog.sandboxes.find(id);
    if (record && record.status !== 'provisioning') this.refresh(record, container);
  }

  /** Updates a row by its container; by a pause only when the pause is confirmed. */
  private refresh(record: SandboxRecord, container: ContainerDetails, isConfirmed = false): void {
    if (contradictsPause(container.state, record.suspended)) {
      const { id } = record;
      const { containerId } = container;
      // A capture pauses the container for a moment: its state is read after the task.
      const end = this.context.tasks.endOf(id);
      if (end) void end.then(() => this.queue.enqueue(() => this.inspect(id, containerId)));
      else if (!isConfirmed) this.queue.attempt(() => this.confirmPause(record, containerId));
      if (end || !isConfirmed) return;
    }
    this.needs.sandboxes.sandboxes.refresh(record, container);
  }

  /** Takes up to a second, beside the queue. */
  private async confirmPause({ id, suspended }: SandboxRecord, containerId: string): Promise<void> {
    const { containers } = this.context.docker;
    const container = await containers.inspectSettled(containerId, suspended);
    await this.queue.run(async () => {
      const latest = this.context.catalog.sandboxes.find(id);
      if (latest) this.refresh(latest, container, true);
    });
  }

  private isLeftOver({ kind, id }: SandglassLabels, containerId: string): boolean {
    if (kind === 'reader') return !this.needs.snapshots.containers.has(id, containerId);
    return kind === 'builder';
  }

  private async compareEgress(): Promise<void> {
    const { egress } = this.needs;
    const { sandboxes } = this.context.catalog;
    await egress.keepOnly(new Set(sandboxes.all().map(({ id }) => id)));
    for (const { id, status, containerId, network } of sandboxes.all()) {
      if (status === 'ready' && containerId) await egress.resume({ id, containerId, network });
    }
  }

  /** Restores or updates a sandbox's row by its container. */
  private async adopt(
    docker: DockerApi,
    containerId: string,
    labels: SandglassLabels,
    record: SandboxRecord | null,
  ): Promise<void> {
    const { sandboxes } = this.needs.sandboxes;
    const container = await docker.containers.inspect(containerId);
    // Created: left by a boot that crashed. Dead: Docker has begun to remove it.
    if (container.state === 'created' || container.state === 'dead') {
      try {
        await docker.containers.remove(containerId);
        await docker.volumes.remove(tmpVolumeName(labels.id));
        if (record) sandboxes.forget(record);
        return;
      } catch (thrown) {
        // Shown as failed where Docker cannot remove it, so that the user can try again.
        this.needs.onError(thrown);
      }
    }
    // The row may have been changed or deleted since Docker was asked.
    const latest = this.context.catalog.sandboxes.find(labels.id);
    if (record && !latest) return;
    const isTaken = (name: string) => this.context.catalog.sandboxes.findByName(name) !== null;
    if (latest) this.refresh(latest, container);
    else sandboxes.refresh(sandboxFromLabels(labels, container, isTaken), container);
  }
}
