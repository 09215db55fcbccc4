import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { createBridge } from './daemonBridge';
import { removeDaemon } from './daemonRemains';
import { DAEMON_PREFIX, OWNER_FILE } from './sweep';

export interface DockerdOptions {
  /** Additional arguments of dockerd, e.g. `['--storage-driver', 'btrfs']`. */
  args?: string[];
}

export interface Dockerd {
  /** Value for `DOCKER_HOST`. */
  readonly host: string;
  /** Folder of its data, socket and log (`dockerd.log`). */
  readonly folder: string;
  /** Ends the daemon with its containers, and removes all of its files. */
  stop(): Promise<void>;
  /** Kills the daemon, as a crash: its containers keep running. */
  kill(): Promise<void>;
  /** Ends the daemon with its containers, as `systemctl stop docker`; keeps its data. */
  shutDown(): Promise<void>;
  /** Starts the daemon again on the same socket and data, after a shutdown if it runs. */
  restart(): Promise<void>;
}

/** An idle machine takes 1 to 3 s. */
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a private Docker daemon with its own data, socket, containerd, network bridge and cgroup.
 * Needs root.
 */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  // Short: a socket's path has at most 107 bytes, and a bridge's name, which is the same, 15.
  const folder = await mkdtemp(join(tmpdir(), DAEMON_PREFIX));
  await writeFile(join(folder, OWNER_FILE), String(process.pid));
  await writeFile(join(folder, 'daemon.json'), '{}');
  let daemon: ChildProcess;
  try {
    const { cidr } = await createBridge(basename(folder));
    const args = [...daemonArguments(folder, cidr), ...(options.args ?? [])];
    const start = () => launch(folder, args);
    daemon = await start();
    const end = async (signal: NodeJS.Signals) => {
      if (daemon.exitCode !== null || daemon.signalCode !== null) return;
      daemon.kill(signal);
      await once(daemon, 'exit');
    };
    return {
      host: `unix://${socketOf(folder)}`,
      folder,
      stop: () => removeDaemon(folder),
      kill: async () => {
        await end('SIGKILL');
        await containerdIsGone(folder);
      },
      shutDown: () => end('SIGTERM'),
      restart: async () => {
        await end('SIGTERM');
        daemon = await start();
      },
    };
  } catch (thrown) {
    await removeDaemon(folder);
    throw thrown;
  }
}

function socketOf(folder: string): string {
  return join(folder, 'docker.sock');
}

function daemonArguments(folder: string, bridge: string): string[] {
  const name = basename(folder);
  return [
    // Ignores the user's /etc/docker/daemon.json.
    ...['--config-file', join(folder, 'daemon.json')],
    ...['--data-root', join(folder, 'data')],
    ...['--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'docker.pid')],
    ...['--host', `unix://${socketOf(folder)}`],
    ...['--bridge', name, '--fixed-cidr', bridge],
    // Rules and sysctls are global: a second daemon that sets them breaks the first one's.
    ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${name}`],
  ];
}

async function launch(folder: string, args: string[]): Promise<ChildProcess> {
  const logFile = join(folder, 'dockerd.log');
  const log = await open(logFile, 'a');
  const daemon = spawn('dockerd', args, {
    // Own process group: Ctrl+C ends the tests, which then stop the daemon.
    detached: true,
    // Fewer garbage collections save a tenth of the processor time of dockerd, containerd and runc.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, GOGC: '400' },
    stdio: ['ignore', log.fd, log.fd],
  });
  let failure: Error | null = null;
  daemon.on('error', (error) => {
    failure = error;
  });
  await log.close();
  const docker = new Docker({ socketPath: socketOf(folder) });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(docker))) {
    if (failure) throw failure;
    if (daemon.exitCode !== null || Date.now() > deadline) {
      const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
      throw new Error(`dockerd did not start:\n${lines.slice(-15).join('\n')}`);
    }
    await sleep(50);
  }
  return daemon;
}

/**
 * Waits for the end of containerd, which dies after dockerd. A new dockerd that finds its process id in
 * use waits for it instead of starting another.
 */
async function containerdIsGone(folder: string): Promise<void> {
  const pidFile = join(folder, 'exec/containerd/containerd.pid');
  const pid = (await readFile(pidFile, 'utf8')).trim();
  // A zombie has an empty command line.
  while (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) await sleep(10);
  await rm(pidFile, { force: true });
}

async function answers(docker: Docker): Promise<boolean> {
  return await docker.ping().then(
    () => true,
    () => false,
  );
}
