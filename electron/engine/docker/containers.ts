import type Docker from 'dockerode';
import { fromDocker, ignoringGone, mapped } from './errors';
import { fromDockerLabels, homeLabel, type SandglassLabels, toDockerLabels } from './labels';

/** Docker's own words for what a container is doing. */
export type ContainerState =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

export interface ContainerDetails {
  containerId: string;
  name: string;
  state: ContainerState;
  exitCode: number;
  outOfMemory: boolean;
  /** Milliseconds since 1970; null when it never ran. */
  startedAt: number | null;
  finishedAt: number | null;
  imageId: string;
  env: Record<string, string>;
  vcpus: number | null;
  memBytes: number | null;
  labels: SandglassLabels | null;
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
  /** The volume that is its `/tmp`. */
  tmpVolume: string;
}

/** Enough for any build; stops a fork bomb. */
const PIDS_LIMIT = 4096;

/** Keeps the sandbox up and ends at once on SIGTERM: it is a child of init, not PID 1. */
const keepAlive = ['/bin/sh', '-c', 'while :; do sleep 86400; done'];

const NANO = 1e9;

/** Docker's containers, in our terms. */
export class Containers {
  constructor(private readonly docker: Docker) {}

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

  /** Freezes its processes while `work` runs; one that was frozen or stopped already stays so. */
  async whilePaused<T>(containerId: string, work: () => Promise<T>): Promise<T> {
    const { state } = await this.inspect(containerId);
    if (state !== 'running') return await work();
    const container = this.docker.getContainer(containerId);
    await mapped('The sandbox', () => container.pause());
    try {
      return await work();
    } finally {
      await mapped('The sandbox', () => container.unpause());
    }
  }

  /** A sandbox's container, not started yet. Returns its id. */
  async createSandbox(sandbox: SandboxContainer): Promise<string> {
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
        HostConfig: {
          Init: true,
          NanoCpus: sandbox.vcpus === null ? undefined : Math.round(sandbox.vcpus * NANO),
          Memory: sandbox.memBytes ?? undefined,
          PidsLimit: PIDS_LIMIT,
          SecurityOpt: ['no-new-privileges'],
          Mounts: [
            {
              // A volume, not a tmpfs: /tmp must outlive a stop and stay out of a capture.
              Type: 'volume',
              Source: sandbox.tmpVolume,
              Target: '/tmp',
              VolumeOptions: {
                NoCopy: true,
                Labels: toDockerLabels({ ...sandbox.labels, kind: 'tmp' }),
                DriverConfig: { Name: 'local', Options: {} },
              },
            },
          ],
        },
      }),
    );
    return container.id;
  }

  async start(containerId: string): Promise<void> {
    await this.unlessAlready('The start', () => this.docker.getContainer(containerId).start());
  }

  /** Ends the keeper, and the kernel ends everything with it: no grace is needed. */
  async stop(containerId: string): Promise<void> {
    await this.unlessAlready('The stop', () =>
      this.docker.getContainer(containerId).stop({ t: 1 }),
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

  async rename(containerId: string, name: string): Promise<void> {
    await mapped('The container', () => this.docker.getContainer(containerId).rename({ name }));
  }

  /** @throws SandglassError `not_found` */
  async inspect(containerId: string): Promise<ContainerDetails> {
    const found = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    return {
      containerId: found.Id,
      name: found.Name.replace(/^\//, ''),
      state: found.State.Status as ContainerState,
      exitCode: found.State.ExitCode,
      outOfMemory: found.State.OOMKilled,
      startedAt: parseTime(found.State.StartedAt),
      finishedAt: parseTime(found.State.FinishedAt),
      imageId: found.Image,
      env: Object.fromEntries(
        (found.Config.Env ?? []).map((line) => [
          line.split('=', 1)[0] ?? '',
          line.slice(line.indexOf('=') + 1),
        ]),
      ),
      vcpus: found.HostConfig.NanoCpus ? found.HostConfig.NanoCpus / NANO : null,
      memBytes: found.HostConfig.Memory || null,
      labels: fromDockerLabels(found.Config.Labels),
    };
  }

  /** Every container that this home made. */
  async listOwn(home: string): Promise<Array<{ containerId: string; labels: SandglassLabels }>> {
    const filters = { label: [`${homeLabel}=${home}`] };
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

/** Docker writes year 1 for "never". */
function parseTime(text: string): number | null {
  const time = Date.parse(text);
  return time > 0 ? time : null;
}
