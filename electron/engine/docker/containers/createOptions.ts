import type Docker from 'dockerode';
import { toEnvList } from '../env';
import { type SandglassLabels, toDockerLabels } from '../labels';
import { NANO_CPUS } from './containerDetails';
import { initCommand } from './initProcess';

export interface SandboxVolume {
  kind: 'tmp' | 'mount';
  name: string;
  /** Mount point in the sandbox. */
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
  /** Limit for image and changes together, and the size of the image alone, in bytes. */
  capacity: { bytes: number; imageBytes: number } | null;
  network: boolean;
  ports: Array<{ containerPort: number; hostPort?: number }>;
  /** Their contents are in no commit. */
  volumes: SandboxVolume[];
}

/** Default limit of processes: above the needs of builds, and still a stop for a fork bomb. */
const DEFAULT_PIDS_LIMIT = 4096;

/**
 * nofile: Docker's default follows the host and is often a million, and older programs loop over all
 * descriptors. 16,384 is within the hard limit of every supported daemon. core: core dumps would fill
 * the sandbox and end up in captures.
 */
const ULIMITS = [
  { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
  { Name: 'core', Soft: 0, Hard: 0 },
];

/** Ports are published to this computer only, not to its network. */
const LOOPBACK = '127.0.0.1';

/** Body of ContainerCreate for a sandbox; `storage` are options of the storage driver. */
export function createOptions(
  sandbox: SandboxContainer,
  storage: Record<string, string> | undefined,
): Docker.ContainerCreateOptions {
  const ports = sandbox.ports.map(({ containerPort, hostPort }) => [
    `${containerPort}/tcp`,
    [{ HostIp: LOOPBACK, HostPort: hostPort?.toString() ?? '' }],
  ]);
  return {
    name: sandbox.name,
    Hostname: sandbox.hostname,
    Image: sandbox.imageId,
    Labels: toDockerLabels(sandbox.labels),
    Env: toEnvList(sandbox.env),
    WorkingDir: sandbox.workDir ?? undefined,
    // Root regardless of the image; commands run as the sandbox's user.
    User: '0:0',
    Entrypoint: initCommand,
    Cmd: [],
    ExposedPorts: Object.fromEntries(ports.map(([port]) => [port, {}])),
    HostConfig: {
      Init: true,
      NanoCpus: sandbox.vcpus === null ? undefined : Math.round(sandbox.vcpus * NANO_CPUS),
      Memory: sandbox.memBytes ?? undefined,
      PidsLimit: sandbox.pidsLimit ?? DEFAULT_PIDS_LIMIT,
      StorageOpt: storage,
      NetworkMode: sandbox.network ? 'default' : 'none',
      PortBindings: Object.fromEntries(ports),
      Ulimits: ULIMITS,
      SecurityOpt: ['no-new-privileges'],
      // Volumes instead of tmpfs: /tmp survives a stop and is not part of a commit.
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
  };
}
