import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** What mkfs.btrfs needs, and enough for a few small images. */
const SIZE_BYTES = 512 * 1024 ** 2;

/** A btrfs filesystem in a file, mounted: one where Docker can hold containers to a size. */
export async function mountBtrfs(): Promise<{ path: string; unmount(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-btrfs-'));
  const file = join(folder, 'disk');
  const path = join(folder, 'mount');
  await writeFile(file, '');
  await truncate(file, SIZE_BYTES);
  await mkdir(path);
  await exec('mkfs.btrfs', ['-q', file]);
  await exec('mount', ['-o', 'loop', file, path]);
  return {
    path,
    unmount: async () => {
      // The daemon has mounted its own folder in it once more.
      await exec('umount', ['--recursive', path]);
      await rm(folder, { recursive: true });
    },
  };
}
