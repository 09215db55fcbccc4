import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDaemon } from './daemonRemains';

/** What the folders of private daemons begin with. */
export const DAEMON_PREFIX = 'sgt-';
/** The file in such a folder that holds the process id of the tests that started the daemon. */
export const OWNER_FILE = 'owner';
/** The subfolder of a test worker's daemon that is the worker's temporary folder. */
export const TEMP_FOLDER = 'tmp';
/** The variable that the configurations of the test runners set to their own process id. */
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
 * Ends the processes that killed tests have started, an engine of its own among them: each has inherited
 * the id of the tests' process.
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
    // It ended by itself.
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
