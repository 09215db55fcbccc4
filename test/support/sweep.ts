import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDaemon } from './daemonRemains';

/** Prefix of the folders of private daemons. */
export const DAEMON_PREFIX = 'sgt-';
/** File in such a folder with the process id of the tests that started the daemon. */
export const OWNER_FILE = 'owner';
/** Subfolder of a worker's daemon: the worker's temporary folder. */
export const TEMP_FOLDER = 'tmp';
/** Environment variable with the process id of the test runner; its configuration sets it. */
const TESTS_MARK = 'SANDGLASS_TESTS';

/** Removes the private daemons of killed tests, those in a worker's temporary folder included. */
export async function sweepDaemons(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(DAEMON_PREFIX))) {
    const folder = join(parent, name);
    const owner = Number(await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => ''));
    await sweepDaemons(join(folder, TEMP_FOLDER));
    if (owner && !isAlive(owner)) await removeDaemon(folder);
  }
}

/**
 * Ends the child processes of killed tests, such as engines. Each has inherited the process id of the test
 * runner in its environment.
 */
export async function sweepProcesses(): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const mark = environment.split('\0').find((variable) => variable.startsWith(`${TESTS_MARK}=`));
    const owner = Number(mark?.slice(TESTS_MARK.length + 1));
    if (owner && owner !== pid && !isAlive(owner)) end(pid);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already ended.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

if (process.argv[1] === import.meta.filename) {
  await sweepDaemons();
  await sweepProcesses();
}
