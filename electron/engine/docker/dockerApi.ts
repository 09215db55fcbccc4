import { hostname, release } from 'node:os';
import pTimeout from 'p-timeout';
import { SandglassError } from '#shared/errors';
import { createClient } from './client';
import { Containers, Networks, PauseGate, Volumes } from './containers';
import { DaemonEvents } from './daemonEvents';
import type { Endpoint } from './endpoint';
import { mapped } from './errors';
import { Ports, Processes } from './exec';
import { Archive, Filesystems } from './files';
import { Builds, ImageArchives, Images, RegistryClient, Storage } from './images';

export interface DaemonInfo {
  version: string;
  storageDriver: string;
}

/** Calls of one reachable Docker daemon. The rest of the engine has no other access to Docker. */
export interface DockerApi {
  images: Images;
  imageArchives: ImageArchives;
  registry: RegistryClient;
  builds: Builds;
  containers: Containers;
  volumes: Volumes;
  networks: Networks;
  processes: Processes;
  ports: Ports;
  archive: Archive;
  storage: Storage;
  filesystems: Filesystems;
  events: DaemonEvents;
  info: DaemonInfo;
  /** Address of the daemon, with which another thread opens a connection of its own. */
  endpoint: Endpoint;
}

/** Limit for the first response: a daemon that accepts connections may still hang. */
const CONNECT_TIMEOUT_MS = 10_000;

interface InfoAnswer {
  ServerVersion?: string;
  Driver?: string;
  Name?: string;
  KernelVersion?: string;
  SecurityOptions?: string[];
}

/** Connects to the daemon at an address. @throws SandglassError `engine_unreachable` */
export async function connectDocker(endpoint: Endpoint): Promise<DockerApi> {
  const docker = createClient(endpoint);
  const info = (await mapped(`Docker at ${endpoint.address}`, () =>
    pTimeout(docker.info(), { milliseconds: CONNECT_TIMEOUT_MS, message: notResponding() }),
  )) as InfoAnswer;
  const version = info.ServerVersion ?? 'unknown';
  const storageDriver = info.Driver ?? 'unknown';
  const gate = new PauseGate();
  const processes = new Processes(docker, gate);
  const isLocal = isThisComputer(info);
  return {
    images: new Images(docker, gate),
    imageArchives: new ImageArchives(docker),
    registry: new RegistryClient(docker),
    builds: new Builds(docker, hasBuildKit(version)),
    containers: new Containers(docker, storageDriver, gate),
    volumes: new Volumes(docker),
    networks: new Networks(docker, { isLocal, isReachable: isLocal || isDesktop(endpoint, info) }),
    processes,
    ports: new Ports(docker, processes, isLocal),
    archive: new Archive(docker),
    storage: new Storage(docker, knownApi(version)),
    filesystems: new Filesystems(docker),
    events: new DaemonEvents(docker),
    info: { version, storageDriver },
    endpoint,
  };
}

/** True for Docker Engine 23 and later, where BuildKit is the default builder (release notes of 23.0). */
function hasBuildKit(version: string): boolean {
  return Number.parseInt(version, 10) >= 23;
}

/** 1.44, the API of Docker 25 and the oldest one of Docker 29; null: the default of an older daemon. */
function knownApi(version: string): string | null {
  return Number.parseInt(version, 10) >= 25 ? '1.44' : null;
}

/**
 * True when containers share this computer's kernel and network: not with Docker Desktop and others that
 * run a virtual machine, not over TCP or SSH, and not with a rootless daemon (own network namespace).
 */
function isThisComputer({ Name, KernelVersion, SecurityOptions = [] }: InfoAnswer): boolean {
  const isRootless = SecurityOptions.some((option) => option.includes('rootless'));
  const isSame = Name === hostname() && KernelVersion === release();
  return process.platform === 'linux' && isSame && !isRootless;
}

/** True for a daemon in a virtual machine of this computer, which containers reach by a host name. */
function isDesktop({ address }: Endpoint, { Name }: InfoAnswer): boolean {
  const isSame = process.platform === 'linux' && Name === hostname();
  return /^(unix|npipe):/.test(address) && !isSame;
}

function notResponding(): SandglassError {
  return new SandglassError('engine_unreachable', 'Docker does not answer.', {
    hint: 'It accepts connections but sends no response. Restarting Docker usually helps.',
  });
}
