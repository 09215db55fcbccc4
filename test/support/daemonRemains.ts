import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeBridge } from './daemonBridge';
import { unmount } from './unmount';

/** dockerd, containerd, their shims and helpers. */
const DAEMON_PROGRAM = /^(docker|containerd|runc)/;
/** A killed process is gone within milliseconds; a busy disk may hold one up for long. */
const END_TIMEOUT_MS = 120_000;

/**
 * Removes all that a private daemon is and has made, in whatever state it is: its processes and its
 * containers', cgroups, mounts, bridge and folder. All of them bear the folder's name.
 */
export async function removeDaemon(folder: string): Promise<void> {
  const cgroups = await cgroupsNamed(basename(folder));
  await endProcesses(folder, cgroups);
  for (const cgroup of cgroups.reverse()) await rmdir(cgroup).catch(unlessGone);
  for (const mount of (await mountsBelow(folder)).reverse()) await unmount(mount);
  for (const socket of await shimSockets(folder)) await rm(socket, { force: true });
  await removeBridge(basename(folder));
  await rm(folder, { recursive: true, force: true });
}

/** The kernel or runc may be quicker. */
function unlessGone(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'ENOENT') throw thrown;
}

async function endProcesses(folder: string, cgroups: string[]): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  for (;;) {
    // A frozen process (a paused container) does not even die.
    await Promise.all(cgroups.map((cgroup) => thaw(cgroup)));
    const members = await Promise.all(cgroups.map((cgroup) => processesIn(cgroup)));
    const pids = [...(await daemonProcesses(folder)), ...members.flat()];
    if (pids.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Processes of ${folder} do not end: ${pids}`);
    for (const pid of pids) kill(pid);
    await sleep(20);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** dockerd, its containerd and their helpers: each is told the folder on its command line. */
async function daemonProcesses(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readOrEmpty(`/proc/${pid}/cmdline`)).split('\0');
      const isDaemon = DAEMON_PROGRAM.test(basename(words[0] ?? ''));
      return isDaemon && words.some((word) => word.includes(`${folder}/`)) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** Parents first. Version 1 has a tree for each controller, version 2 one for all. */
async function cgroupsNamed(name: string): Promise<string[]> {
  const root = '/sys/fs/cgroup';
  const trees = [root, ...(await foldersIn(root))].map((tree) => join(tree, name));
  return (await Promise.all(trees.map((tree) => withSubfolders(tree)))).flat();
}

async function withSubfolders(folder: string): Promise<string[]> {
  const children = await foldersIn(folder).catch(() => null);
  if (!children) return [];
  return [folder, ...(await Promise.all(children.map((child) => withSubfolders(child)))).flat()];
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

async function processesIn(cgroup: string): Promise<number[]> {
  const pids = await readOrEmpty(join(cgroup, 'cgroup.procs'));
  return pids.split('\n').filter(Boolean).map(Number);
}

/** Version 2 kills frozen processes by itself and has no such file. */
async function thaw(cgroup: string): Promise<void> {
  const file = join(cgroup, 'freezer.state');
  if ((await readOrEmpty(file)).trim() === 'FROZEN') await writeFile(file, 'THAWED');
}

/** In the order of mounting; the fifth field of each line is the mount point (see proc(5)). */
async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`));
}

/** containerd's shims have their sockets outside of its folder, and write down where. */
async function shimSockets(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'exec'), { recursive: true }).catch(() => []);
  const addresses = files.filter((file) => basename(file) === 'address');
  const sockets = addresses.map((file) => readOrEmpty(join(folder, 'exec', file)));
  return (await Promise.all(sockets)).map((address) => address.trim().replace('unix://', ''));
}

function readOrEmpty(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
