import { posix } from 'node:path';
import type { FileStat } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import { type Archive, goModeBits, type PathStat } from './archive';

/** Path of a container behind its symbolic links; `stat` is null when it does not exist. */
export interface FoundPath {
  path: string;
  stat: PathStat | null;
}

/** Absolute, normalized path. A relative one starts at the sandbox's working directory. */
export function absolutePath(path: string, workDir: string | null): string {
  return posix.resolve(workDir ?? '/', path);
}

/**
 * Follows symbolic links at the end of a path. Docker resolves them within the container's root; its
 * `linkTarget` is the end of the whole chain.
 */
export async function followLinks(
  archive: Archive,
  containerId: string,
  path: string,
): Promise<FoundPath> {
  const stat = await archive.stat(containerId, path);
  if (!stat || !(stat.goMode & goModeBits.symlink)) return { path, stat };
  return { path: stat.linkTarget, stat: await archive.stat(containerId, stat.linkTarget) };
}

/**
 * Nearest existing folder on the way to `path`, and the names of the folders to create below it.
 *
 * @throws SandglassError `not_a_directory`
 */
export async function findFolder(
  archive: Archive,
  containerId: string,
  path: string,
): Promise<{ folder: string; newFolders: string[] }> {
  const newFolders: string[] = [];
  let folder = path;
  for (;;) {
    const found = await followLinks(archive, containerId, folder);
    if (found.stat) {
      if (isDirectory(found.stat)) return { folder: found.path, newFolders };
      throw notADirectory(folder);
    }
    newFolders.unshift(posix.basename(folder));
    folder = posix.dirname(folder);
  }
}

export function isDirectory(stat: PathStat): boolean {
  // Bit 31 is the sign of a 32-bit integer: a bitwise AND would not find it.
  return stat.goMode >= goModeBits.directory;
}

/** @throws SandglassError `not_a_file` */
export function requireFile(stat: PathStat, path: string): void {
  if (isDirectory(stat)) throw notAFile(path, 'is a folder');
  if (stat.goMode & goModeBits.special) throw notAFile(path, 'is a device or a pipe');
}

export function notAFile(path: string, actual: string): SandglassError {
  return new SandglassError('not_a_file', `${path} ${actual}, not a file.`, { field: 'path' });
}

export function notADirectory(path: string): SandglassError {
  return new SandglassError('not_a_directory', `${path} is a file, not a folder.`, {
    field: 'path',
  });
}

export function missing(path: string): SandglassError {
  return new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
}

export function describeFile(path: string, stat: PathStat): FileStat {
  const kind = isDirectory(stat)
    ? 'directory'
    : stat.goMode & goModeBits.symlink
      ? 'symlink'
      : stat.goMode & goModeBits.special
        ? 'other'
        : 'file';
  return {
    path,
    kind,
    sizeBytes: stat.sizeBytes,
    mode: stat.goMode & 0o777,
    modifiedAt: stat.modifiedAt,
    uid: null,
    gid: null,
    linkTarget: stat.linkTarget || null,
  };
}
