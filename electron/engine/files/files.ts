import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { FileStat } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { FileOwnership } from '../docker';
import {
  absolutePath,
  describeFile,
  findAccount,
  findFolder,
  followLinks,
  isDirectory,
  missing,
  notADirectory,
  notAFile,
  requireFile,
} from '../docker';
import { tempName } from '../host';
import type { Lifetimes, Sandboxes } from '../sandboxes';

const NEW_FILE_MODE = 0o644;

/** Byte range of a file; by default up to its end. */
export interface FilePart {
  offset?: number;
  length?: number;
}

/** Reads and writes files in sandboxes. Starts a stopped sandbox first. */
export class Files {
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Streams a file's bytes, or a range of them, in constant memory.
   *
   * @throws SandglassError `file_not_found`, `not_a_file`
   */
  async readStream(reference: string, path: string, part: FilePart = {}): Promise<Readable> {
    const { containerId, from } = await this.locate(reference);
    const { archive } = this.context.docker;
    const found = await followLinks(archive, containerId, from(path));
    if (!found.stat) throw missing(path);
    requireFile(found.stat, path);
    const offset = Math.min(part.offset ?? 0, found.stat.sizeBytes);
    const length = Math.min(part.length ?? Infinity, found.stat.sizeBytes - offset);
    if (length === 0) return Readable.from([]);
    return await archive.readStream(containerId, found.path, { offset, length });
  }

  /** Describes the entry at a path, without following a symbolic link. @throws SandglassError `file_not_found` */
  async stat(reference: string, path: string): Promise<FileStat> {
    const { containerId, from } = await this.locate(reference);
    const stat = await this.context.docker.archive.stat(containerId, from(path));
    if (!stat) throw missing(path);
    return describeFile(from(path), stat);
  }

  /** Describes the entry at a path, following symbolic links. @throws SandglassError `file_not_found` */
  async statBehindLinks(reference: string, path: string): Promise<FileStat> {
    const { containerId, from } = await this.locate(reference);
    const found = await followLinks(this.context.docker.archive, containerId, from(path));
    if (!found.stat) throw missing(path);
    return describeFile(found.path, found.stat);
  }

  /**
   * Writes a file from a stream of exactly `size` bytes, in constant memory. Creates missing parent
   * folders. Keeps mode and owner of an existing file; the sandbox's user owns a new one.
   *
   * @throws SandglassError `not_a_file`, `not_a_directory`, `disk_full`
   */
  async writeStream(
    reference: string,
    path: string,
    bytes: Readable,
    size: number,
  ): Promise<FileStat> {
    const { containerId, user, from } = await this.locate(reference);
    const { archive } = this.context.docker;
    const target = await followLinks(archive, containerId, from(path));
    if (path.endsWith('/')) throw notAFile(path, 'names a folder');
    if (target.stat) requireFile(target.stat, path);
    const ownership: FileOwnership = target.stat
      ? await archive.ownership(containerId, target.path)
      : { ...(await findAccount(archive, containerId, user)), mode: NEW_FILE_MODE };
    const parent = await findFolder(archive, containerId, posix.dirname(target.path));
    const name = target.stat ? tempName() : posix.basename(target.path);
    const [created = name] = parent.newFolders;
    try {
      await archive.write(containerId, { ...parent, name }, { bytes, size }, ownership);
      if (target.stat) {
        await this.replace(containerId, posix.join(parent.folder, name), target.path);
      }
    } catch (thrown) {
      await this.discard(containerId, posix.join(parent.folder, created));
      throw thrown;
    }
    return await this.stat(reference, target.path);
  }

  /** Replaces a file atomically by a temporary one in the same folder (rename(2)). */
  async replace(containerId: string, tempPath: string, path: string): Promise<void> {
    const argv = ['mv', '-f', '--', tempPath, path];
    const { exitCode, stderr } = await this.context.docker.processes.runToEnd(containerId, argv);
    if (exitCode === 0) return;
    throw new SandglassError('engine_error', `${path} cannot be replaced. ${stderr.trim()}`, {
      hint: 'The image needs mv, as in Debian, Alpine or busybox.',
    });
  }

  /** Deletes the leftovers of a failed write; without effect if Docker is unreachable. */
  async discard(containerId: string, path: string): Promise<void> {
    const argv = ['rm', '-rf', '--', path];
    await this.context.docker.processes.runToEnd(containerId, argv).catch(() => {});
  }

  /** Creates a folder with its parents unless it exists. @throws SandglassError `not_a_directory` */
  async makeFolder(reference: string, path: string): Promise<FileStat> {
    const { containerId, user, from } = await this.locate(reference);
    const { archive } = this.context.docker;
    const target = await findFolder(archive, containerId, from(path));
    if (target.newFolders.length > 0) {
      await archive.makeFolders(containerId, target, await findAccount(archive, containerId, user));
    }
    return await this.stat(reference, path);
  }

  /** Resolves a path to an existing folder. @throws SandglassError `file_not_found`, `not_a_directory` */
  async requireFolder(
    reference: string,
    path: string,
  ): Promise<{ containerId: string; path: string }> {
    const { containerId, from } = await this.locate(reference);
    const found = await followLinks(this.context.docker.archive, containerId, from(path));
    if (!found.stat) throw missing(path);
    if (!isDirectory(found.stat)) throw notADirectory(path);
    return { containerId, path: found.path };
  }

  /** Returns a sandbox's container, the owner of new files, and a resolver of relative paths. */
  async locate(reference: string): Promise<{
    containerId: string;
    user: string | null;
    from: (path: string) => string;
  }> {
    const { id, containerId, runConfig } = await this.sandboxes.ensureRunning(reference);
    this.lifetimes.touch(id);
    const from = (path: string) => absolutePath(path, runConfig.workDir);
    return { containerId, user: runConfig.user, from };
  }
}
