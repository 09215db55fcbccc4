import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where prepared things are kept between runs and between clones of the repository. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SANDGLASS_CACHE) return env.SANDGLASS_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sandglass');
}

/**
 * Returns the folder `name` of the cache, made by `make` if it isn't there yet.
 *
 * `make` fills a folder of another name, which is renamed when it is done: an interrupted run never
 * leaves something that looks complete. Of two runs at once, the second waits for the first.
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

/** Takes a lock: a file that one process at a time can create, holding its process id. */
async function lock(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    // A file without its number yet was created this very moment.
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
