import { posix } from 'node:path';
import type { FileStat } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { type FileOwnership, goModeBits, type PathStat } from '../docker/archive';
import { findAccount } from './account';
import type { Lifetimes } from './lifetimes';
import type { Sandboxes } from './sandboxes';

const NEW_FILE_MODE = 0o644;

/** Reads and writes files of sandboxes, running or stopped. */
export class Files {
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /** @throws SandglassError `file_not_found`, `not_a_file` */
  async read(reference: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { containerId } = this.locate(reference);
    const found = await this.follow(containerId, path);
    if (!found.stat) throw missing(path);
    requireFile(found.stat, path);
    return await this.context.docker.archive.read(containerId, found.path);
  }

  /** What is at a path; a symbolic link is described itself. @throws SandglassError `file_not_found` */
  async stat(reference: string, path: string): Promise<FileStat> {
    const { containerId } = this.locate(reference);
    const stat = await this.context.docker.archive.stat(containerId, posix.normalize(path));
    if (!stat) throw missing(path);
    return describeFile(path, stat);
  }

  /**
   * Writes a whole file, with missing parent folders. A file that is there keeps its mode and owner;
   * a new one belongs to the sandbox's user.
   *
   * @throws SandglassError `not_a_file`, `not_a_directory`, `disk_full`
   */
  async write(reference: string, path: string, bytes: Uint8Array): Promise<FileStat> {
    const { containerId, user } = this.locate(reference);
    const { archive } = this.context.docker;
    const target = await this.follow(containerId, path);
    if (target.path.endsWith('/')) throw notAFile(path, 'is a folder');
    if (target.stat) requireFile(target.stat, path);
    const ownership: FileOwnership = target.stat
      ? await archive.ownership(containerId, target.path)
      : { ...(await findAccount(archive, containerId, user)), mode: NEW_FILE_MODE };
    const { folder, newFolders } = await this.findFolder(containerId, posix.dirname(target.path));
    const name = posix.basename(target.path);
    await archive.write(containerId, { folder, newFolders, name }, bytes, ownership);
    return await this.stat(reference, target.path);
  }

  private locate(reference: string): { containerId: string; user: string | null } {
    const { id, name, containerId, runConfig } = this.sandboxes.resolve(reference);
    this.lifetimes.touch(id);
    if (containerId) return { containerId, user: runConfig.user };
    throw new SandglassError('conflict', `"${name}" is still being made.`);
  }

  /** The path behind symbolic links, which Docker resolves within the container's root. */
  private async follow(
    containerId: string,
    path: string,
  ): Promise<{ path: string; stat: PathStat | null }> {
    const { archive } = this.context.docker;
    const normal = posix.normalize(path);
    const stat = await archive.stat(containerId, normal);
    if (!stat || !(stat.goMode & goModeBits.symlink)) return { path: normal, stat };
    return { path: stat.linkTarget, stat: await archive.stat(containerId, stat.linkTarget) };
  }

  /** The nearest folder that exists, and the names of those to make below it. */
  private async findFolder(
    containerId: string,
    path: string,
  ): Promise<{ folder: string; newFolders: string[] }> {
    const newFolders: string[] = [];
    let folder = path;
    for (;;) {
      const found = await this.follow(containerId, folder);
      if (found.stat) {
        if (isDirectory(found.stat)) return { folder: found.path, newFolders };
        throw new SandglassError('not_a_directory', `${folder} is a file, not a folder.`, {
          field: 'path',
        });
      }
      newFolders.unshift(posix.basename(folder));
      folder = posix.dirname(folder);
    }
  }
}

function isDirectory(stat: PathStat): boolean {
  // The bit is 2^31: a bitwise "and" would read it as a sign.
  return stat.goMode >= goModeBits.directory;
}

function requireFile(stat: PathStat, path: string): void {
  if (isDirectory(stat)) throw notAFile(path, 'is a folder');
  if (stat.goMode & goModeBits.special) throw notAFile(path, 'is a device or a pipe');
}

function notAFile(path: string, what: string): SandglassError {
  return new SandglassError('not_a_file', `${path} ${what}, not a file.`, { field: 'path' });
}

function missing(path: string): SandglassError {
  return new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
}

function describeFile(path: string, stat: PathStat): FileStat {
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
    linkTarget: stat.linkTarget || null,
  };
}
