import type Docker from 'dockerode';
import { fromDocker, ignoringGone, mapped } from '../errors';
import { fromDockerLabels, ownedBy, type SandglassLabels, toDockerLabels } from '../labels';
import { type ContainerDetails, containerDetails, NANO_CPUS } from './containerDetails';
import { createOptions, type SandboxContainer } from './createOptions';
import { type ListedProcess, parseProcesses, withoutInitProcesses } from './initProcess';
import type { PauseGate } from './pauseGate';
import { contradictsPause, retryOnStalePause, untilPauseSettles } from './stalePause';

/** Storage drivers with a size limit per container, if their filesystem is set up for quotas. */
const quotaDrivers = new Set(['btrfs', 'overlay2', 'zfs']);

/** Containers of the daemon, in the engine's terms. */
export class Containers {
  /** False once Docker has rejected a size limit. */
  private hasQuota: boolean;

  constructor(
    private readonly docker: Docker,
    private readonly storageDriver: string,
    private readonly gate: PauseGate,
  ) {
    this.hasQuota = quotaDrivers.has(storageDriver);
  }

  /** Creates a container that is never started, to commit or read an image. Returns its id. */
  async createBuilder(imageId: string, labels: SandglassLabels): Promise<string> {
    const container = await mapped(`The image of ${labels.name}`, () =>
      this.docker.createContainer({
        Image: imageId,
        Labels: toDockerLabels(labels),
        // Docker refuses to create a container from an image without a command.
        Cmd: ['/bin/sh'],
        NetworkDisabled: true,
      }),
    );
    return container.id;
  }

  /** Creates a sandbox's container without starting it. Returns its id. */
  async createSandbox(sandbox: SandboxContainer): Promise<string> {
    const { capacity } = sandbox;
    if (capacity === null || !this.hasQuota) return await this.create(sandbox, undefined);
    // btrfs limits image and changes together, the other drivers the writable layer.
    const bytes =
      this.storageDriver === 'btrfs' ? capacity.bytes : capacity.bytes - capacity.imageBytes;
    try {
      return await this.create(sandbox, { size: String(bytes) });
    } catch (thrown) {
      if (!/storage-opt|quota/i.test(String(thrown))) throw thrown;
      this.hasQuota = false;
      return await this.create(sandbox, undefined);
    }
  }

  private async create(
    sandbox: SandboxContainer,
    storage: Record<string, string> | undefined,
  ): Promise<string> {
    const container = await mapped(`The sandbox ${sandbox.labels.name}`, () =>
      this.docker.createContainer(createOptions(sandbox, storage)),
    );
    return container.id;
  }

  /** Starts a stopped container, or unpauses a paused one. */
  async start(containerId: string): Promise<void> {
    const container = this.docker.getContainer(containerId);
    try {
      await this.unlessNotModified('The start', () => container.start());
    } catch (thrown) {
      if (!/\bpaused?\b/.test(String(thrown))) throw thrown;
      await mapped('The start', () => container.unpause());
    }
  }

  /** Unpauses a container, or starts it if it has stopped in the meantime. */
  async unpause(containerId: string): Promise<void> {
    try {
      await retryOnStalePause(() => this.docker.getContainer(containerId).unpause());
    } catch {
      await this.start(containerId);
    }
  }

  /**
   * Stops a container: SIGTERM to its init, SIGKILL after a second. The kernel ends all other processes
   * of the PID namespace with its init.
   */
  async stop(containerId: string, isPaused: boolean): Promise<void> {
    const { state } = await this.inspectSettled(containerId, isPaused);
    // A frozen process does not handle signals.
    if (state === 'paused') await this.unpause(containerId);
    await this.gate.pausing(containerId, () =>
      this.unlessNotModified('The stop', () =>
        this.docker.getContainer(containerId).stop({ t: 1 }),
      ),
    );
  }

  /** Removes a container, running or not, with its anonymous volumes. A missing one is no error. */
  async remove(containerId: string): Promise<void> {
    await ignoringGone(() =>
      mapped('The container', () =>
        this.docker.getContainer(containerId).remove({ force: true, v: true }),
      ),
    );
  }

  /** Freezes all processes of a container. A paused one stays paused. */
  async pause(containerId: string): Promise<void> {
    const pause = () => this.docker.getContainer(containerId).pause();
    try {
      await this.gate.pausing(containerId, () =>
        mapped('The sandbox', () => retryOnStalePause(pause)),
      );
    } catch (thrown) {
      if ((await this.inspect(containerId)).state !== 'paused') throw thrown;
    }
  }

  /** Changes limits of a running container; an omitted one stays. */
  async setLimits(
    containerId: string,
    { vcpus, memBytes }: { vcpus?: number; memBytes?: number },
  ): Promise<void> {
    await mapped('The limits', () =>
      this.docker.getContainer(containerId).update({
        ...(vcpus === undefined ? {} : { NanoCpus: Math.round(vcpus * NANO_CPUS) }),
        // MemorySwap is memory plus swap, twice the memory by default, and must not be below Memory.
        ...(memBytes === undefined ? {} : { Memory: memBytes, MemorySwap: memBytes * 2 }),
      }),
    );
  }

  async rename(containerId: string, name: string): Promise<void> {
    await mapped('The container', () => this.docker.getContainer(containerId).rename({ name }));
  }

  /** @throws SandglassError `not_found` */
  async inspect(containerId: string): Promise<ContainerDetails> {
    const requestedAt = performance.now();
    const found = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    return containerDetails(found, requestedAt);
  }

  /**
   * Inspects a container whose expected pause state is known. A contradicting state counts only when
   * Docker reports it for a second (see stalePause.ts).
   */
  async inspectSettled(containerId: string, isPaused: boolean): Promise<ContainerDetails> {
    return await untilPauseSettles(
      () => this.inspect(containerId),
      ({ state }) => contradictsPause(state, isPaused),
    );
  }

  /** Processes of a running container as the daemon's host lists them, without its init processes. */
  async processes(containerId: string): Promise<ListedProcess[]> {
    const container = this.docker.getContainer(containerId);
    const { State: state } = await mapped('The container', () => container.inspect());
    if (!state.Running) return [];
    const { Titles: titles, Processes: rows } = (await mapped('The processes', () =>
      container.top(),
    )) as { Titles: string[]; Processes: string[][] };
    return withoutInitProcesses(parseProcesses(titles, rows), state.Pid);
  }

  /** Containers with this home's label. */
  async listOwn(home: string): Promise<Array<{ containerId: string; labels: SandglassLabels }>> {
    const filters = { label: ownedBy(home) };
    const containers = await mapped('The list of containers', () =>
      this.docker.listContainers({ all: true, filters }),
    );
    return containers.flatMap((container) => {
      const labels = fromDockerLabels(container.Labels);
      return labels ? [{ containerId: container.Id, labels }] : [];
    });
  }

  /** Accepts status 304 (not modified), which dockerode treats as an error. */
  private async unlessNotModified(subject: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (thrown) {
      if ((thrown as { statusCode?: number }).statusCode === 304) return;
      throw fromDocker(thrown, { subject });
    }
  }
}
