import { readdirSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTempName, tempName } from './tempName';

/**
 * Temporary files on the host outside of the home, each in the folder of its destination. A record of
 * each lets the next start remove the files that a killed process has left.
 */
export class TempFiles {
  /** @param folder folder of the records, created on demand */
  constructor(private readonly folder: string) {}

  /** Calls `write` with a temporary path in `parent`, and removes that path afterwards if it still exists. */
  async use<T>(parent: string, write: (path: string) => Promise<T>): Promise<T> {
    const name = tempName();
    const record = join(this.folder, name);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(record, parent);
    try {
      return await write(join(parent, name));
    } finally {
      await remove(join(parent, name));
      await rm(record, { force: true });
    }
  }

  /** Removes files that were left before this call. */
  async removeLeftOver(): Promise<void> {
    // Lists them synchronously: later files are in use.
    const removing = leftOver(this.folder).map((name) => this.removeOne(name));
    await Promise.allSettled(removing);
    await Promise.all(removing);
  }

  private async removeOne(name: string): Promise<void> {
    const record = join(this.folder, name);
    const parent = await readFile(record, 'utf8');
    // A removable disk may be attached again.
    if (!(await stat(parent).catch(() => null))) return;
    await remove(join(parent, name));
    await rm(record, { force: true });
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

async function remove(path: string): Promise<void> {
  // A pending open may still create a file.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
