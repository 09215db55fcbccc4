import { posix } from 'node:path';
import type { FileStat } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { missing } from '../docker';
import type { Files } from './files';

/**
 * For each batch of names first a line of `stat` for each, then the names themselves, each ended by a
 * NUL: a name may hold anything else. Uses only what a minimal image has.
 */
const listScript = `cd -- "$1" || exit 1
find . -mindepth 1 $2 -print0 |
  xargs -0 -r sh -c 'stat -c "%f %s %Y %u %g" -- "$@" && printf "%s\\0" "$@"' sh`;

/** A name that vanishes between the two spoils its batch: look again, this often. */
const LIST_ATTEMPTS = 5;

/** The kernel's own files are no files of the sandbox; this matters only for its root. */
const notTheKernels = '( -path ./proc -o -path ./sys -o -path ./dev ) -prune -o';

/** The type bits of a POSIX mode (stat(2)). */
const typeBits = { mask: 0o170000, directory: 0o040000, symlink: 0o120000, file: 0o100000 };

/** Mounted by Docker or by us; or all there is. */
const undeletable = new Set(['/', '/proc', '/sys', '/dev', '/tmp']);

/** Lists and empties folders of sandboxes, with what the sandbox itself has for it. */
export class Folders {
  constructor(
    private readonly context: EngineContext,
    private readonly files: Files,
  ) {}

  /** What is in a folder, by name. @throws SandglassError `file_not_found`, `not_a_directory` */
  async list(reference: string, path: string): Promise<FileStat[]> {
    return await this.listed(reference, path, '-maxdepth 1');
  }

  /** The same with all that is below. What vanishes meanwhile is left out. */
  async listAll(reference: string, path: string): Promise<FileStat[]> {
    return await this.listed(reference, path, notTheKernels);
  }

  private async listed(reference: string, path: string, depth: string): Promise<FileStat[]> {
    const folder = await this.files.requireFolder(reference, path);
    const argv = ['/bin/sh', '-c', listScript, 'sh', folder.path, depth];
    for (let attempt = 1; ; attempt += 1) {
      const { stdout, stderr, exitCode } = await this.context.docker.processes.runToEnd(
        folder.containerId,
        argv,
      );
      if (exitCode === 0) return parseListing(stdout, folder.path).sort(byName);
      if (attempt === LIST_ATTEMPTS) {
        throw new SandglassError('engine_error', `${path} cannot be listed. ${stderr.trim()}`, {
          hint: 'The image needs find, xargs and stat, as Debian, Alpine and busybox have them.',
        });
      }
    }
  }

  /** Deletes a file, or a folder with all in it. @throws `file_not_found`, `invalid_input` */
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
    if (index < 0) throw noListing(folder);
    const text = output.toString('utf8', at, index);
    at = index + 1;
    return text;
  };
  while (at < output.length) {
    const batch: string[] = [];
    // A name begins with "./", a line of figures never does.
    while (output[at] !== 0x2e) batch.push(upTo(0x0a));
    if (batch.length === 0) throw noListing(folder);
    for (const figures of batch) listed.push(describe(figures, posix.join(folder, upTo(0))));
  }
  return listed;
}

/** The sandbox's commands are its own, and may say anything. */
function noListing(folder: string): SandglassError {
  return new SandglassError(
    'engine_error',
    `${folder} cannot be listed: its sandbox answers oddly.`,
    {
      hint: 'The image needs find, xargs and stat, as Debian, Alpine and busybox have them.',
    },
  );
}

function describe(figures: string, path: string): FileStat {
  const [rawMode = '', size, time, uid, gid] = figures.split(' ');
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
