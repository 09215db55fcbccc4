import type Docker from 'dockerode';
import type { Port } from '#shared/contract/sandboxes';
import { parseEnvList } from '../env';
import { fromDockerLabels, type SandglassLabels } from '../labels';

/** NanoCpus of one CPU in the Engine API. */
export const NANO_CPUS = 1e9;

/** Container states of the Engine API (ContainerState.Status). */
export type ContainerState =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

export interface ContainerDetails {
  /** Time of the request in milliseconds of the monotonic clock: the later answer is valid. */
  requestedAt: number;
  containerId: string;
  name: string;
  state: ContainerState;
  exitCode: number;
  outOfMemory: boolean;
  /** Milliseconds since 1970; null when it was never started. */
  startedAt: number | null;
  /** Milliseconds since 1970; null when it never exited. */
  finishedAt: number | null;
  imageId: string;
  env: Record<string, string>;
  vcpus: number | null;
  memBytes: number | null;
  pidsLimit: number | null;
  network: boolean;
  ports: Port[];
  /** True when the storage driver enforces its capacity. */
  hardCapacity: boolean;
  labels: SandglassLabels | null;
}

/** Maps the answer of ContainerInspect. */
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
    env: parseEnvList(found.Config.Env ?? []),
    vcpus: found.HostConfig.NanoCpus ? found.HostConfig.NanoCpus / NANO_CPUS : null,
    memBytes: found.HostConfig.Memory || null,
    pidsLimit: found.HostConfig.PidsLimit || null,
    network: found.HostConfig.NetworkMode !== 'none',
    ports: portsOf(found),
    hardCapacity: Boolean(found.HostConfig.StorageOpt?.size),
    labels: fromDockerLabels(found.Config.Labels),
  };
}

function portsOf(found: Docker.ContainerInspectInfo): Port[] {
  const published = found.NetworkSettings.Ports ?? {};
  const configured = (found.HostConfig.PortBindings ?? {}) as Record<
    string,
    Array<{ HostPort?: string }>
  >;
  return Object.entries(configured).map(([port, [binding]]) => ({
    containerPort: Number.parseInt(port, 10),
    hostPort: Number(published[port]?.[0]?.HostPort || binding?.HostPort) || null,
  }));
}

/** Parses a timestamp; Docker's zero value is year 1. */
function parseTime(text: string): number | null {
  const time = Date.parse(text);
  return time > 0 ? time : null;
}
