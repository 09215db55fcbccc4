import { hostname, release } from 'node:os';
import { setTimeout } from 'node:timers/promises';
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

/** One reachable Docker daemon; everything the rest of the engine may ask of it. */
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
  /** Where it is reached: another thread has to connect by itself. */
  endpoint: Endpoint;
}

/** How long an engine may take to answer its first question; longer means it hangs. */
const HELLO_TIMEOUT_MS = 10_000;

interface InfoAnswer {
  ServerVersion?: string;
  Driver?: string;
  Name?: string;
  KernelVersion?: string;
  SecurityOptions?: string[];
}

/** Says hello to the daemon at an address. @throws SandglassError `engine_unreachable` */
export async function connectDocker(endpoint: Endpoint): Promise<DockerApi> {
  const docker = createClient(endpoint);
  const info = (await mapped(`Docker at ${endpoint.address}`, () =>
    Promise.race([docker.info(), silence()]),
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

/** Docker Engine builds with BuildKit by default since version 23 (its release notes). */
function hasBuildKit(version: string): boolean {
  return Number.parseInt(version, 10) >= 23;
}

/** The oldest API that Docker 25 and later still speak; before that, what the daemon itself has. */
function knownApi(version: string): string | null {
  return Number.parseInt(version, 10) >= 25 ? '1.44' : null;
}

/**
 * Docker Desktop and its like run their containers in a machine of their own, another computer may be
 * asked over TCP or SSH, and a rootless daemon has networks that this computer's own do not reach.
 */
function isThisComputer({ Name, KernelVersion, SecurityOptions = [] }: InfoAnswer): boolean {
  const isRootless = SecurityOptions.some((option) => option.includes('rootless'));
  const isSame = Name === hostname() && KernelVersion === release();
  return process.platform === 'linux' && isSame && !isRootless;
}

/** Its containers' machine is on this computer, and so has a name for it; rootless Linux has none. */
function isDesktop({ address }: Endpoint, { Name }: InfoAnswer): boolean {
  const isSame = process.platform === 'linux' && Name === hostname();
  return /^(unix|npipe):/.test(address) && !isSame;
}

async function silence(): Promise<never> {
  await setTimeout(HELLO_TIMEOUT_MS, undefined, { ref: false });
  throw new SandglassError('engine_unreachable', 'Docker does not answer.', {
    hint: 'It accepts connections but stays silent. Restarting Docker usually helps.',
  });
}
