import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDaemon } from './daemonRemains';

/** What the folders of private daemons begin with. */
export const DAEMON_PREFIX = 'sgt-';
/** The file in such a folder that holds the process id of the tests that started the daemon. */
export const OWNER_FILE = 'owner';

/** Removes private daemons whose tests were killed before they could. */
export async function sweepDaemons(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((candidate) => candidate.startsWith(DAEMON_PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = Number(await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => ''));
    if (owner && !isAlive(owner)) await removeDaemon(folder);
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

if (process.argv[1] === import.meta.filename) await sweepDaemons();
