import type Docker from 'dockerode';
import { fromDocker, ignoringGone, mapped } from '../errors';
import { fromDockerLabels, ownedBy, type SandglassLabels, toDockerLabels } from '../labels';
import { type ContainerDetails, containerDetails, NANO } from './containerDetails';
import type { PauseGate } from './pauseGate';
import { contradictsPause, retryOnStalePause, untilPauseSettles } from './stalePause';

export interface SandboxVolume {
  kind: 'tmp' | 'mount';
  name: string;
  path: string;
}

export interface SandboxContainer {
  name: string;
  hostname: string;
  imageId: string;
  labels: SandglassLabels;
  env: Record<string, string>;
  workDir: string | null;
  vcpus: number | null;
  memBytes: number | null;
  pidsLimit: number | null;
  /** Bytes of image and changes together, and of the image alone. */
  capacity: { bytes: number; imageBytes: number } | null;
  network: boolean;
  ports: Array<{ containerPort: number; hostPort?: number }>;
  /** Volumes by their places inside; no commit has what is in them. */
  volumes: SandboxVolume[];
}

/** Enough for any build; stops a fork bomb. */
const PIDS_LIMIT = 4096;

/** Keeps the sandbox up and ends at once on SIGTERM: it is a child of init, not PID 1. */
const keepAlive = ['/bin/sh', '-c', 'while :; do sleep 86400; done'];

/**
 * Open files: Docker's own default follows the host and is often a million, over which older programs
 * loop for minutes; and no more than any daemon may give. No core dumps: they would fill a sandbox and
 * go along with a capture.
 */
const ULIMITS = [
  { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
  { Name: 'core', Soft: 0, Hard: 0 },
];

/** Drivers that can hold a container to a size, where their filesystem is set up for it. */
const quotaDrivers = new Set(['btrfs', 'overlay2', 'zfs']);
/** Ports are published here and nowhere else: a sandbox is not for the network around. */
const LOOPBACK = '127.0.0.1';

/** Docker's containers, in our terms. */
export class Containers {
  /** False once the daemon has said that its driver cannot hold containers to a size. */
  private hasQuota: boolean;

  constructor(
    private readonly docker: Docker,
    private readonly storageDriver: string,
    private readonly gate: PauseGate,
  ) {
    this.hasQuota = quotaDrivers.has(storageDriver);
  }

  /** A container that runs nothing, to commit an image from. Returns its id. */
  async createBuilder(imageId: string, labels: SandglassLabels): Promise<string> {
    const container = await mapped(`The image of ${labels.name}`, () =>
      this.docker.createContainer({
        Image: imageId,
        Labels: toDockerLabels(labels),
        // An image without a command of its own could not be made into a container.
        Cmd: ['/bin/sh'],
        NetworkDisabled: true,
      }),
    );
    return container.id;
  }

  /** A sandbox's container, not started yet. Returns its id. */
  async createSandbox(sandbox: SandboxContainer): Promise<string> {
    const { capacity } = sandbox;
    if (capacity === null || !this.hasQuota) return await this.create(sandbox, undefined);
    // btrfs counts the image into the size, the others only what is written over it.
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
    const ports = sandbox.ports.map(({ containerPort, hostPort }) => [
      `${containerPort}/tcp`,
      [{ HostIp: LOOPBACK, HostPort: hostPort?.toString() ?? '' }],
    ]);
    const container = await mapped(`The sandbox ${sandbox.labels.name}`, () =>
      this.docker.createContainer({
        name: sandbox.name,
        Hostname: sandbox.hostname,
        Image: sandbox.imageId,
        Labels: toDockerLabels(sandbox.labels),
        Env: Object.entries(sandbox.env).map(([key, value]) => `${key}=${value}`),
        WorkingDir: sandbox.workDir ?? undefined,
        // The keeper is root whatever the image says; commands run as the sandbox's user.
        User: '0:0',
        Entrypoint: keepAlive,
        Cmd: [],
        ExposedPorts: Object.fromEntries(ports.map(([port]) => [port, {}])),
        HostConfig: {
          Init: true,
          NanoCpus: sandbox.vcpus === null ? undefined : Math.round(sandbox.vcpus * NANO),
          Memory: sandbox.memBytes ?? undefined,
          PidsLimit: sandbox.pidsLimit ?? PIDS_LIMIT,
          StorageOpt: storage,
          NetworkMode: sandbox.network ? 'default' : 'none',
          PortBindings: Object.fromEntries(ports),
          Ulimits: ULIMITS,
          SecurityOpt: ['no-new-privileges'],
          // Volumes, not tmpfs: /tmp must outlive a stop and stay out of a capture.
          Mounts: sandbox.volumes.map(({ kind, name, path }) => ({
            Type: 'volume',
            Source: name,
            Target: path,
            VolumeOptions: {
              NoCopy: true,
              Labels: toDockerLabels({ ...sandbox.labels, kind }),
              DriverConfig: { Name: 'local', Options: {} },
            },
          })),
        },
      }),
    );
    return container.id;
  }

  /** Starts a stopped one, and lets a frozen one go on. */
  async start(containerId: string): Promise<void> {
    const container = this.docker.getContainer(containerId);
    try {
      await this.unlessAlready('The start', () => container.start());
    } catch (thrown) {
      if (!/\bpaused?\b/.test(String(thrown))) throw thrown;
      await mapped('The start', () => container.unpause());
    }
  }

  /** Lets a frozen one go on, and starts one that has stopped meanwhile. */
  async unpause(containerId: string): Promise<void> {
    try {
      await retryOnStalePause(() => this.docker.getContainer(containerId).unpause());
    } catch {
      await this.start(containerId);
    }
  }

  /** Ends the keeper, and the kernel ends everything with it: no grace is needed. */
  async stop(containerId: string, isFrozen: boolean): Promise<void> {
    const { state } = await this.inspectSettled(containerId, isFrozen);
    // A frozen process hears no signal.
    if (state === 'paused') await this.unpause(containerId);
    await this.gate.pausing(containerId, () =>
      this.unlessAlready('The stop', () => this.docker.getContainer(containerId).stop({ t: 1 })),
    );
  }

  /** Removes a container, running or not, with its anonymous volumes. Gone already is fine. */
  async remove(containerId: string): Promise<void> {
    await ignoringGone(() =>
      mapped('The container', () =>
        this.docker.getContainer(containerId).remove({ force: true, v: true }),
      ),
    );
  }

  /** Freezes all of its processes; one that is frozen already stays so. */
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

  /** Bytes of image and changes together, as the daemon measures them: it walks the changes. */
  async sizeOf(containerId: string): Promise<number> {
    const found = (await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect({ size: true } as object),
    )) as { SizeRootFs?: number };
    return found.SizeRootFs ?? 0;
  }

  /** Changes what its processes may use, from now on; what is left out stays. */
  async setLimits(
    containerId: string,
    { vcpus, memBytes }: { vcpus?: number; memBytes?: number },
  ): Promise<void> {
    await mapped('The limits', () =>
      this.docker.getContainer(containerId).update({
        ...(vcpus === undefined ? {} : { NanoCpus: Math.round(vcpus * NANO) }),
        // With it as much swap, as at the creation: the limit of both would be below the new one.
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
   * The same of one that should be paused, or should not: what Docker says against that is believed when
   * it says so for a second.
   */
  async inspectSettled(containerId: string, isPaused: boolean): Promise<ContainerDetails> {
    return await untilPauseSettles(
      () => this.inspect(containerId),
      ({ state }) => contradictsPause(state, isPaused),
    );
  }

  /** Every container that this home made. */
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

  /** Docker answers 304 when there is nothing to do; dockerode makes an error of it. */
  private async unlessAlready(subject: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (thrown) {
      if ((thrown as { statusCode?: number }).statusCode === 304) return;
      throw fromDocker(thrown, { subject });
    }
  }
}
