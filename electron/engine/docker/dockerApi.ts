import { setTimeout } from 'node:timers/promises';
import { SandglassError } from '#shared/errors';
import { Archive } from './archive';
import { createClient } from './client';
import { Containers } from './containers';
import { DaemonEvents } from './daemonEvents';
import type { Endpoint } from './endpoint';
import { mapped } from './errors';
import { Images } from './images';
import { Processes } from './processes';
import { Volumes } from './volumes';

export interface DaemonInfo {
  version: string;
  storageDriver: string;
}

/** One reachable Docker daemon; everything the rest of the engine may ask of it. */
export interface DockerApi {
  images: Images;
  containers: Containers;
  volumes: Volumes;
  processes: Processes;
  archive: Archive;
  events: DaemonEvents;
  info: DaemonInfo;
}

/** How long an engine may take to answer its first question; longer means it hangs. */
const HELLO_TIMEOUT_MS = 10_000;

/** Says hello to the daemon at an address. @throws SandglassError `engine_unreachable` */
export async function connectDocker(endpoint: Endpoint): Promise<DockerApi> {
  const docker = createClient(endpoint);
  const info = (await mapped(`Docker at ${endpoint.address}`, () =>
    Promise.race([docker.info(), silence()]),
  )) as { ServerVersion?: string; Driver?: string };
  return {
    images: new Images(docker),
    containers: new Containers(docker),
    volumes: new Volumes(docker),
    processes: new Processes(docker),
    archive: new Archive(docker),
    events: new DaemonEvents(docker),
    info: { version: info.ServerVersion ?? 'unknown', storageDriver: info.Driver ?? 'unknown' },
  };
}

async function silence(): Promise<never> {
  await setTimeout(HELLO_TIMEOUT_MS, undefined, { ref: false });
  throw new SandglassError('engine_unreachable', 'Docker does not answer.', {
    hint: 'It accepts connections but stays silent. Restarting Docker usually helps.',
  });
}
