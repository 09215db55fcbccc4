import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unmount } from './unmount';

const exec = promisify(execFile);

export interface Disk {
  /** Where it is mounted. */
  readonly path: string;
  /** Makes it read-only, or writable again. */
  remount(mode: 'ro' | 'rw'): Promise<void>;
  unmount(): Promise<void>;
}

/** A filesystem of its own in a file, mounted: one with a quota (btrfs), or one that is soon full. */
export async function mountDisk(format: 'btrfs' | 'ext4', bytes: number): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-disk-'));
  const file = join(folder, 'disk');
  const path = join(folder, 'mount');
  await writeFile(file, '');
  await truncate(file, bytes);
  await mkdir(path);
  // ext4 keeps blocks back for root, which the daemon is and a sandbox's root is not.
  await exec(`mkfs.${format}`, format === 'ext4' ? ['-q', '-m', '0', file] : ['-q', file]);
  await exec('mount', ['-o', 'loop', file, path]);
  return {
    path,
    remount: async (mode) => {
      await exec('mount', ['-o', `remount,${mode}`, path]);
    },
    unmount: async () => {
      // The daemon has mounted its own folder in it once more.
      await unmount('--recursive', path);
      await rm(folder, { recursive: true });
    },
  };
}
