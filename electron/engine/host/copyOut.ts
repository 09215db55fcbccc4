import { type FileHandle, lstat, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises';
import { extname, join, posix } from 'node:path';
import { pipeline as pipe, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tarFs from 'tar-fs';
import type { Header } from 'tar-stream';
import { SandglassError } from '#shared/errors';
import { countBytes, fromDocker, isSpecial } from '../docker';
import type { TempFiles } from './tempFiles';

/** Names that are tried before it is given up: `name`, `name (2)`, … */
const MOST_NAMES = 1000;
/** A folder must be its owner's to write, or neither its files nor it could ever be removed. */
const OWNERS_FOLDER = 0o700;

/**
 * Unpacks a file or folder into a folder of this computer, under a name that is free there, and returns
 * the path that it got. It is unpacked beside and gets its name when it is whole; when it fails or is
 * cancelled, nothing is left. Modes and times are kept; it is the user's own, and runs as nobody else.
 *
 * @param archive a tar as Docker packs a path: its first entry is the file or folder
 */
export async function copyOut(
  tempFiles: TempFiles,
  archive: Readable,
  to: { folder: string; name: string },
  options: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<string> {
  let lost: unknown = null;
  archive.once('error', (thrown) => {
    lost = thrown;
  });
  const unpackInto = async (draft: string) => {
    await mkdir(draft, { mode: 0o700 });
    const unpacking: Unpacking = {
      chown: false,
      // A link may point anywhere, as in any project; nothing is ever written through one.
      validateSymlinks: false,
      umask: 0,
      dmode: OWNERS_FOLDER,
      map: renamed,
      // Devices have no use outside.
      ignore: (_name, header) => isSpecial(header?.type),
      mapStream: (bytes) => pipe(bytes, countBytes(options.onBytes), () => {}),
    };
    const extract = tarFs.extract(draft, unpacking as object);
    await pipeline(archive, extract, { signal: options.signal });
    options.signal.throwIfAborted();
    return await place(join(draft, ROOT), to.folder, to.name);
  };
  try {
    return await tempFiles.use(to.folder, unpackInto);
  } catch (thrown) {
    if (options.signal.aborted) throw new SandglassError('cancelled', 'Cancelled.');
    if (lost && lost === thrown) throw fromDocker(thrown, { subject: to.name });
    throw refusedBy(to.folder, thrown);
  } finally {
    archive.destroy();
  }
}

/** What tar-fs takes; its types lag behind. */
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

/** What the first entry is called in the draft: its own name is not needed, and may be none. */
const ROOT = 'root';

function renamed(header: Header): Header {
  const name = withRoot(header.name);
  if (header.type !== 'link') return { ...header, name };
  return { ...header, name, linkname: withRoot(header.linkname ?? '') };
}

/** `known/a.txt` as `root/a.txt`. */
function withRoot(path: string): string {
  const [, ...below] = path
    .replace(/^\.?\/+/, '/')
    .replace(/\/+$/, '')
    .split('/');
  return posix.join(ROOT, ...below);
}

/** Gives what is there a name that nothing has, without ever replacing anything. */
async function place(from: string, folder: string, name: string): Promise<string> {
  const isFolder = (await lstat(from)).isDirectory();
  for (let number = 1; number <= MOST_NAMES; number += 1) {
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
  throw new SandglassError('name_taken', `${name} is there ${MOST_NAMES} times already.`, {
    field: 'to',
  });
}

/** Takes a name with something empty; false when it is taken. */
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

/** `notes (2).txt`; a folder's name has no extension. */
function numbered(name: string, number: number, isFolder: boolean): string {
  const extension = isFolder ? '' : extname(name);
  return `${name.slice(0, name.length - extension.length)} (${number})${extension}`;
}

/** What this computer's own disk refused, in words; a full one is told by its code. */
function refusedBy(folder: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return thrown;
  return new SandglassError('forbidden', `The folder ${folder} cannot be written.`, {
    hint: 'Choose another one, or change its permissions.',
    field: 'to',
    cause: thrown,
  });
}
