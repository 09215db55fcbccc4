import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folder of prepared artefacts, shared between runs and clones of the repository. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SANDGLASS_CACHE) return env.SANDGLASS_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sandglass');
}

/**
 * Returns the folder `name` of the cache, created by `make` if missing.
 *
 * `make` fills a temporary folder that is renamed on completion, so an interrupted run leaves no
 * incomplete entry. Concurrent runs wait for each other.
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(folder)) return folder;
    const unfinished = join(dirname(folder), `.${basename(folder)}.unfinished`);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    await make(unfinished);
    await rename(unfinished, folder);
    return folder;
  } finally {
    await unlock();
  }
}

const LOCK_POLL_MS = 200;

/**
 * Acquires an exclusive lock file that contains the process id. Removes the lock of a dead process.
 */
async function lock(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    // An empty file is being created by its owner.
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    if (owner && !isAlive(owner)) await rm(file, { force: true });
    else await sleep(LOCK_POLL_MS);
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
