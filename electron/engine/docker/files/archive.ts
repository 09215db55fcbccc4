import { posix } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import tarFs from 'tar-fs';
import tar from 'tar-stream';
import { SandglassError } from '#shared/errors';
import { mapped } from '../errors';
import {
  countBytes,
  packFolders,
  rangeOfFirstEntry,
  repack,
  type TarEntry,
  tarEntries,
} from './tarStreams';
import { withBodyStream } from './uploadStream';

/** File status as Docker reports it for a path (header `X-Docker-Container-Path-Stat`). */
export interface PathStat {
  name: string;
  sizeBytes: number;
  /** Go's fs.FileMode: type bits above, POSIX permission bits below. */
  goMode: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Path that a symbolic link resolves to in the container's root; empty for other files. */
  linkTarget: string;
}

/** Owner and POSIX permission bits of a file. */
export interface FileOwnership {
  uid: number;
  gid: number;
  mode: number;
}

/** Type bits of Go's fs.FileMode. */
export const goModeBits = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  /** Device, named pipe, socket and character device. */
  special: 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21,
} as const;

/**
 * Files of containers, running or stopped, through the Engine API's archive calls. The image needs no
 * tools for them, and Docker resolves every path within the container's root.
 */
export class Archive {
  constructor(private readonly docker: Docker) {}

  /**
   * Status of a path, null when it does not exist. Symbolic links are not followed.
   *
   * @throws SandglassError `not_found` for `/`, which exists in every container: the container is gone
   */
  async stat(containerId: string, path: string): Promise<PathStat | null> {
    try {
      const response = await mapped(path, () =>
        this.docker.getContainer(containerId).infoArchive({ path }),
      );
      response.resume();
      const header = response.headers['x-docker-container-path-stat'] as string;
      const raw = JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as {
        name: string;
        size: number;
        mode: number;
        mtime: string;
        linkTarget: string;
      };
      return {
        name: raw.name,
        sizeBytes: raw.size,
        goMode: raw.mode,
        modifiedAt: Date.parse(raw.mtime),
        linkTarget: raw.linkTarget,
      };
    } catch (thrown) {
      if (!(thrown instanceof SandglassError)) throw thrown;
      // Docker answers 404 both for a missing path and for a missing container.
      if (thrown.code === 'not_found' && path === '/') {
        throw new SandglassError('not_found', 'The sandbox is gone.', { cause: thrown });
      }
      if (thrown.code === 'not_found') return null;
      if (thrown.code === 'engine_error' && (await this.isBelowFile(containerId, path)))
        return null;
      throw thrown;
    }
  }

  /** True for a path below a regular file, for which Docker answers status 500 (ENOTDIR). */
  private async isBelowFile(containerId: string, path: string): Promise<boolean> {
    const parent = posix.dirname(path);
    if (parent === path) return false;
    const stat = await this.stat(containerId, parent);
    return stat === null || stat.goMode < goModeBits.symlink;
  }

  /** Reads a regular file. The caller has checked its type. */
  async read(containerId: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
    return await this.firstEntry(
      containerId,
      path,
      async (entry) => new Uint8Array(await buffer(entry)),
    );
  }

  /**
   * Streams a byte range of a regular file. Docker transfers the file from its start up to the end of
   * the range: the API has no ranges. Destroying the stream ends the transfer.
   */
  async readStream(
    containerId: string,
    path: string,
    range: { offset: number; length: number },
  ): Promise<Readable> {
    const archive = await this.pack(containerId, path);
    return Readable.from(rangeOfFirstEntry(archive, range), { objectMode: false });
  }

  /** Owner and mode of a file, without a transfer of its bytes. */
  async ownership(containerId: string, path: string): Promise<FileOwnership> {
    return await this.firstEntry(containerId, path, ({ header: { uid, gid, mode } }) =>
      Promise.resolve({ uid: uid ?? 0, gid: gid ?? 0, mode: mode ?? 0o644 }),
    );
  }

  /** Writes a file into an existing folder, together with new folders on the way to it. */
  async write(
    containerId: string,
    target: { folder: string; newFolders: string[]; name: string },
    content: { bytes: Readable; size: number },
    ownership: FileOwnership,
  ): Promise<void> {
    const pack = tar.pack();
    const parent = packFolders(pack, target.newFolders, ownership);
    const entry = pack.entry({
      name: posix.join(parent, target.name),
      ...ownership,
      size: content.size,
      mtime: new Date(),
    });
    pipeline(content.bytes, entry as unknown as Writable).then(
      () => pack.finalize(),
      (error) => pack.destroy(error),
    );
    await this.put(containerId, target.folder, pack as unknown as Readable);
  }

  /** Creates folders below an existing one. */
  async makeFolders(
    containerId: string,
    target: { folder: string; newFolders: string[] },
    owner: { uid: number; gid: number },
  ): Promise<void> {
    const pack = tar.pack();
    packFolders(pack, target.newFolders, owner);
    pack.finalize();
    await this.put(containerId, target.folder, pack as unknown as Readable);
  }

  /** Copies a file or folder of this computer, with its modes, into an existing folder, as `name`. */
  async upload(
    containerId: string,
    target: { folder: string; name: string; owner: { uid: number; gid: number } },
    from: { parent: string; name: string },
    options: { signal: AbortSignal; onBytes: (bytes: number) => void },
  ): Promise<void> {
    const { folder, owner } = target;
    const pack = tarFs.pack(from.parent, {
      entries: [from.name],
      map: (header) => {
        const name = posix.join(target.name, posix.relative(from.name, header.name));
        return { ...header, name, ...owner, uname: '', gname: '' };
      },
    }) as unknown as Readable;
    const counter = countBytes(options.onBytes);
    // A failure destroys the counter, and thereby ends the request with the same error.
    pipeline(pack, counter, { signal: options.signal }).catch(() => {});
    await this.put(containerId, folder, counter);
  }

  /**
   * Streams a path and everything below it as a tar archive; its first entry has the path's base name.
   * Docker locks the container meanwhile: its commands wait until the stream ends.
   */
  async pack(containerId: string, path: string, abortSignal?: AbortSignal): Promise<Readable> {
    const options: { path: string; abortSignal?: AbortSignal } = { path, abortSignal };
    return (await mapped(path, () =>
      this.docker.getContainer(containerId).getArchive(options),
    )) as Readable;
  }

  /** Unpacks a tar archive into an existing folder, with one owner for all entries. */
  async unpack(
    containerId: string,
    folder: string,
    archive: Readable,
    owner: { uid: number; gid: number },
  ): Promise<void> {
    const pack = tar.pack();
    // A failure destroys the pack, and thereby ends the request with the same error.
    repack(archive, pack, owner).catch(() => {});
    await this.put(containerId, folder, pack as unknown as Readable);
  }

  /** Sets the mode of an existing folder, e.g. of a new volume's root. */
  async setFolderMode(containerId: string, path: string, mode: number): Promise<void> {
    const pack = tar.pack();
    pack.entry({ name: posix.basename(path), type: 'directory', mode, uid: 0, gid: 0 });
    pack.finalize();
    await this.put(containerId, posix.dirname(path), pack as unknown as Readable);
  }

  /** @throws the stream's own error when that ends the request */
  private async put(containerId: string, folder: string, stream: Readable): Promise<void> {
    await withBodyStream(stream, undefined, (abortSignal) =>
      mapped(folder, () =>
        this.docker.getContainer(containerId).putArchive(stream, {
          path: folder,
          noOverwriteDirNonDir: true,
          abortSignal,
        } as object & { path: string }),
      ),
    );
  }

  private async firstEntry<T>(
    containerId: string,
    path: string,
    use: (entry: TarEntry) => Promise<T>,
  ): Promise<T> {
    const archive = await this.pack(containerId, path);
    return await mapped(path, async () => {
      for await (const entry of tarEntries(archive)) return await use(entry);
      throw new SandglassError('file_not_found', `${path} does not exist.`);
    });
  }
}
