import { type FileHandle, lstat, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises';
import { extname, join, posix } from 'node:path';
import { pipeline as pipe, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tarFs from 'tar-fs';
import type { Header } from 'tar-stream';
import { SandglassError } from '#shared/errors';
import { countBytes, fromDocker, isSpecial } from '../docker';
import type { TempFiles } from './tempFiles';

/** Maximum number of names tried: `name`, `name (2)`, … */
const MAX_NAMES = 1000;
/** Permissions added to folders: without them, their owner could not write or remove their files. */
const OWNER_ACCESS = 0o700;

/**
 * Unpacks a file or folder into a folder of the host under a free name, and returns its path. It is
 * unpacked to a temporary path and renamed when complete; a failure or cancellation leaves nothing.
 * Modes and times are kept. The files belong to the user.
 *
 * @param archive tar of Docker's archive API; its first entry is the file or folder
 * @throws SandglassError `cancelled`, `forbidden` (folder not writable), `name_taken`
 */
export async function copyOut(
  tempFiles: TempFiles,
  archive: Readable,
  to: { folder: string; name: string },
  options: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<string> {
  let archiveError: unknown = null;
  archive.once('error', (thrown) => {
    archiveError = thrown;
  });
  const unpackInto = async (temporary: string) => {
    await mkdir(temporary, { mode: 0o700 });
    const unpacking: Unpacking = {
      chown: false,
      // Links may point anywhere. tar-fs never writes through one.
      validateSymlinks: false,
      umask: 0,
      dmode: OWNER_ACCESS,
      map: renamed,
      // Device files are useless on the host.
      ignore: (_name, header) => isSpecial(header?.type),
      mapStream: (bytes) => pipe(bytes, countBytes(options.onBytes), () => {}),
    };
    const extract = tarFs.extract(temporary, unpacking as object);
    await pipeline(archive, extract, { signal: options.signal });
    options.signal.throwIfAborted();
    return await place(join(temporary, ROOT), to.folder, to.name);
  };
  try {
    return await tempFiles.use(to.folder, unpackInto);
  } catch (thrown) {
    if (options.signal.aborted) throw new SandglassError('cancelled', 'Cancelled.');
    if (archiveError && archiveError === thrown) throw fromDocker(thrown, { subject: to.name });
    throw describeFailure(to.folder, thrown);
  } finally {
    archive.destroy();
  }
}

/** Options of tar-fs that its types lack. */
interface Unpacking {
  chown: boolean;
  validateSymlinks: boolean;
  umask: number;
  /** Added to the modes of folders. */
  dmode: number;
  map: (header: Header) => Header;
  ignore: (name: string, header?: Header) => boolean;
  mapStream: (bytes: Readable) => Readable;
}

/** Name of the first entry in the temporary folder. Its own name may be empty. */
const ROOT = 'root';

function renamed(header: Header): Header {
  const name = withRoot(header.name);
  if (header.type !== 'link') return { ...header, name };
  return { ...header, name, linkname: withRoot(header.linkname ?? '') };
}

/** Replaces the first component of a path: `known/a.txt` becomes `root/a.txt`. */
function withRoot(path: string): string {
  const [, ...below] = path
    .replace(/^\.?\/+/, '/')
    .replace(/\/+$/, '')
    .split('/');
  return posix.join(ROOT, ...below);
}

/** Renames a file or folder to a free name in a folder, without replacing anything. */
async function place(from: string, folder: string, name: string): Promise<string> {
  const isFolder = (await lstat(from)).isDirectory();
  for (let number = 1; number <= MAX_NAMES; number += 1) {
    const path = join(folder, number === 1 ? name : numbered(name, number, isFolder));
    if (!(await reserve(path, isFolder))) continue;
    try {
      if (isFolder && process.platform === 'win32') await rmdir(path);
      await rename(from, path);
      return path;
    } catch (thrown) {
      await (isFolder ? rmdir(path) : unlink(path)).catch(() => {});
      throw thrown;
    }
  }
  throw new SandglassError('name_taken', `The folder already has ${MAX_NAMES} copies of ${name}.`, {
    field: 'to',
  });
}

/** Reserves a name with an empty file or folder; returns false if it is taken. */
async function reserve(path: string, isFolder: boolean): Promise<boolean> {
  let file: FileHandle | null = null;
  try {
    if (isFolder) await mkdir(path);
    else file = await open(path, 'wx');
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  } finally {
    await file?.close();
  }
}

/** Returns `notes (2).txt`; folder names have no extension. */
function numbered(name: string, number: number, isFolder: boolean): string {
  const extension = isFolder ? '' : extname(name);
  return `${name.slice(0, name.length - extension.length)} (${number})${extension}`;
}

/** Describes missing permissions on the host; passes on any other error. */
function describeFailure(folder: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return thrown;
  return new SandglassError('forbidden', `The folder ${folder} is not writable.`, {
    hint: 'Choose another folder or change its permissions.',
    field: 'to',
    cause: thrown,
  });
}
