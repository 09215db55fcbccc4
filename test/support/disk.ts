import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unmount } from './unmount';

const exec = promisify(execFile);

export interface Disk {
  /** Mount point. */
  readonly path: string;
  /** Remounts it read-only or writable. */
  remount(mode: 'ro' | 'rw'): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts a filesystem in a file: btrfs for its quota, ext4 for a small disk that can be filled. */
export async function mountDisk(format: 'btrfs' | 'ext4', bytes: number): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-disk-'));
  const file = join(folder, 'disk');
  const path = join(folder, 'mount');
  await writeFile(file, '');
  await truncate(file, bytes);
  await mkdir(path);
  // No reserved blocks: the daemon could use them, a sandbox's root could not.
  await exec(`mkfs.${format}`, format === 'ext4' ? ['-q', '-m', '0', file] : ['-q', file]);
  await exec('mount', ['-o', 'loop', file, path]);
  return {
    path,
    remount: async (mode) => {
      await exec('mount', ['-o', `remount,${mode}`, path]);
    },
    unmount: async () => {
      // The daemon bind-mounts its folder there.
      await unmount('--recursive', path);
      await rm(folder, { recursive: true });
    },
  };
}
