import type Docker from 'dockerode';
import type { Port } from '#shared/contract/sandboxes';
import { fromDockerLabels, type SandglassLabels } from '../labels';

/** Docker counts CPUs in parts of so many. */
export const NANO = 1e9;

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
  /** When Docker was asked (milliseconds of a clock that never goes back): later is truer. */
  requestedAt: number;
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
  pidsLimit: number | null;
  network: boolean;
  ports: Port[];
  /** Whether the storage driver holds it to its capacity. */
  hardCapacity: boolean;
  labels: SandglassLabels | null;
}

/** What Docker says of a container, in our terms. */
export function containerDetails(
  found: Docker.ContainerInspectInfo,
  requestedAt: number,
): ContainerDetails {
  return {
    requestedAt,
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
    pidsLimit: found.HostConfig.PidsLimit || null,
    network: found.HostConfig.NetworkMode !== 'none',
    ports: portsOf(found),
    hardCapacity: Boolean(found.HostConfig.StorageOpt?.size),
    labels: fromDockerLabels(found.Config.Labels),
  };
}

function portsOf(found: Docker.ContainerInspectInfo): Port[] {
  const bound = found.NetworkSettings.Ports ?? {};
  const wanted = (found.HostConfig.PortBindings ?? {}) as Record<
    string,
    Array<{ HostPort?: string }>
  >;
  return Object.entries(wanted).map(([port, [binding]]) => ({
    containerPort: Number.parseInt(port, 10),
    hostPort: Number(bound[port]?.[0]?.HostPort || binding?.HostPort) || null,
  }));
}

/** Docker writes year 1 for "never". */
function parseTime(text: string): number | null {
  const time = Date.parse(text);
  return time > 0 ? time : null;
}
