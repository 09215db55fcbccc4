import { posix } from 'node:path';
import type { FileStat } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { missing } from '../docker';
import type { Files } from './files';

/**
 * Prints in batches: a line of `stat` per name, then the names, each terminated by NUL, the only byte
 * besides `/` that a name cannot contain. Needs only find, xargs and stat.
 */
const LIST_SCRIPT = `cd -- "$1" || exit 1
find . -mindepth 1 $2 -print0 |
  xargs -0 -r sh -c 'stat -c "%f %s %Y %u %g" -- "$@" && printf "%s\\0" "$@"' sh`;

/** A file that is deleted between `find` and `stat` breaks its batch: the listing is then retried. */
const MAX_LIST_ATTEMPTS = 5;

const LIST_HINT = 'The image needs find, xargs and stat, as in Debian, Alpine or busybox.';

/** `find` expression that skips the kernel's filesystems, in a listing of the root. */
const WITHOUT_KERNEL_FILES = '( -path ./proc -o -path ./sys -o -path ./dev ) -prune -o';

/** File type bits of a mode (inode(7)). */
const typeBits = { mask: 0o170000, directory: 0o040000, symlink: 0o120000, file: 0o100000 };

/** The root, and mount points of Docker and Sandglass. */
const undeletable = new Set(['/', '/proc', '/sys', '/dev', '/tmp']);

/** Lists and deletes folders in sandboxes, by commands of the image. */
export class Folders {
  constructor(
    private readonly context: EngineContext,
    private readonly files: Files,
  ) {}

  /** Lists a folder, sorted by name. @throws SandglassError `file_not_found`, `not_a_directory` */
  async list(reference: string, path: string): Promise<FileStat[]> {
    return await this.find(reference, path, '-maxdepth 1');
  }

  /** Lists a folder recursively, sorted by path. Leaves out files that are deleted meanwhile. */
  async listAll(reference: string, path: string): Promise<FileStat[]> {
    return await this.find(reference, path, WITHOUT_KERNEL_FILES);
  }

  private async find(reference: string, path: string, depth: string): Promise<FileStat[]> {
    const folder = await this.files.requireFolder(reference, path);
    const argv = ['/bin/sh', '-c', LIST_SCRIPT, 'sh', folder.path, depth];
    for (let attempt = 1; ; attempt += 1) {
      const { stdout, stderr, exitCode } = await this.context.docker.processes.runToEnd(
        folder.containerId,
        argv,
      );
      if (exitCode === 0) return parseListing(stdout, folder.path).sort(byName);
      if (attempt === MAX_LIST_ATTEMPTS) {
        throw new SandglassError('engine_error', `${path} cannot be listed. ${stderr.trim()}`, {
          hint: LIST_HINT,
        });
      }
    }
  }

  /** Deletes a file, or a folder recursively. @throws SandglassError `file_not_found`, `invalid_input` */
  async delete(reference: string, path: string): Promise<void> {
    const { containerId, from } = await this.files.locate(reference);
    const target = from(path);
    if (undeletable.has(target)) {
      throw new SandglassError('invalid_input', `${target} cannot be deleted.`, { field: 'path' });
    }
    const { archive, processes } = this.context.docker;
    if (!(await archive.stat(containerId, target))) throw missing(path);
    const { exitCode, stderr } = await processes.runToEnd(containerId, ['rm', '-rf', '--', target]);
    if (exitCode === 0) return;
    throw new SandglassError('invalid_input', `${target} cannot be deleted. ${stderr.trim()}`, {
      field: 'path',
    });
  }
}

function parseListing(output: Buffer, folder: string): FileStat[] {
  const listed: FileStat[] = [];
  let at = 0;
  const upTo = (end: number) => {
    const index = output.indexOf(end, at);
    if (index < 0) throw invalidListing(folder);
    const text = output.toString('utf8', at, index);
    at = index + 1;
    return text;
  };
  while (at < output.length) {
    const batch: string[] = [];
    // Names begin with "./", stat lines with a digit.
    while (output[at] !== 0x2e) batch.push(upTo(0x0a));
    if (batch.length === 0) throw invalidListing(folder);
    for (const statLine of batch) listed.push(describe(statLine, posix.join(folder, upTo(0))));
  }
  return listed;
}

/** The image's commands are not trusted: they may print anything. */
function invalidListing(folder: string): SandglassError {
  return new SandglassError(
    'engine_error',
    `${folder} cannot be listed: the sandbox returned an invalid listing.`,
    { hint: LIST_HINT },
  );
}

function describe(statLine: string, path: string): FileStat {
  const [rawMode = '', size, time, uid, gid] = statLine.split(' ');
  const mode = Number.parseInt(rawMode, 16);
  return {
    path,
    kind: kindOf(mode),
    sizeBytes: Number(size),
    mode: mode & 0o777,
    modifiedAt: Number(time) * 1000,
    uid: Number(uid),
    gid: Number(gid),
    linkTarget: null,
  };
}

function kindOf(mode: number): FileStat['kind'] {
  const type = mode & typeBits.mask;
  if (type === typeBits.directory) return 'directory';
  if (type === typeBits.symlink) return 'symlink';
  return type === typeBits.file ? 'file' : 'other';
}

function byName(a: FileStat, b: FileStat): number {
  return a.path < b.path ? -1 : 1;
}
