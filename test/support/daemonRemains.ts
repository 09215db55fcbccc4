import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeBridge } from './daemonBridge';
import { unmount } from './unmount';

/** Command names of dockerd, containerd, their shims and helpers. */
const DAEMON_PROGRAM = /^(docker|containerd|runc)/;
/** A killed process ends within milliseconds, unless it waits for a busy disk. */
const END_TIMEOUT_MS = 120_000;

/**
 * Removes a private daemon in any state: its processes and its containers', cgroups, mounts, bridge and
 * folder. All of them have the folder's name.
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

/** The kernel or runc may have removed it already. */
function unlessGone(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'ENOENT') throw thrown;
}

async function endProcesses(folder: string, cgroups: string[]): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  for (;;) {
    // A frozen process (a paused container) does not handle SIGKILL.
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
    // Already ended.
  }
}

/** Finds dockerd, its containerd and their helpers: each has the folder on its command line. */
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

/** Returns parents first. cgroup v1 has a tree for each controller, v2 one for all. */
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

/** Only for cgroup v1: v2 can kill frozen processes and has no such file. */
async function thaw(cgroup: string): Promise<void> {
  const file = join(cgroup, 'freezer.state');
  if ((await readOrEmpty(file)).trim() === 'FROZEN') await writeFile(file, 'THAWED');
}

/** Returns mount points in the order of mounting; the fifth field of each line (proc(5)). */
async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`));
}

/** Finds the sockets of containerd's shims, which lie outside its folder. */
async function shimSockets(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'exec'), { recursive: true }).catch(() => []);
  const addresses = files.filter((file) => basename(file) === 'address');
  const sockets = addresses.map((file) => readOrEmpty(join(folder, 'exec', file)));
  return (await Promise.all(sockets)).map((address) => address.trim().replace('unix://', ''));
}

function readOrEmpty(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
