import { readdirSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTempName, tempName } from './tempName';

/**
 * What is being written to this computer outside of the home, beside where it will be. Each draft is noted
 * in a file of its own: what a killed app has left is removed at the next start.
 */
export class TempFiles {
  /** @param folder of the notes; made when it is needed */
  constructor(private readonly folder: string) {}

  /** Has a path in `parent` for what is not whole yet; what is still there afterwards is removed. */
  async use<T>(parent: string, write: (draft: string) => Promise<T>): Promise<T> {
    const name = tempName();
    const note = join(this.folder, name);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(note, parent);
    try {
      return await write(join(parent, name));
    } finally {
      await remove(join(parent, name));
      await rm(note, { force: true });
    }
  }

  /** Removes what was left before this call. */
  async removeLeftOver(): Promise<void> {
    // At once: what is begun from now on is nobody's left-over.
    const removing = leftOver(this.folder).map((name) => this.removeOne(name));
    await Promise.allSettled(removing);
    await Promise.all(removing);
  }

  private async removeOne(name: string): Promise<void> {
    const note = join(this.folder, name);
    const parent = await readFile(note, 'utf8');
    // A disk that is not there may come back.
    if (!(await stat(parent).catch(() => null))) return;
    await remove(join(parent, name));
    await rm(note, { force: true });
  }
}

function leftOver(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isTempName);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}

async function remove(draft: string): Promise<void> {
  // A file that was being opened may still come.
  await rm(draft, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
