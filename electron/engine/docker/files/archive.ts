import { posix } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import tarFs from 'tar-fs';
import tar from 'tar-stream';
import { SandglassError } from '#shared/errors';
import { mapped } from '../errors';
import { countBytes, packFolders, partOfFirstEntry, repack } from './tarStreams';

/**
 * Files in containers, running or stopped, through Docker's archive calls: they need nothing inside
 * the image and resolve every path within the container's own root.
 */

export interface PathStat {
  name: string;
  sizeBytes: number;
  /** Go's fs.FileMode: type bits above, POSIX permission bits below. */
  goMode: number;
  modifiedAt: number;
  linkTarget: string;
}

/** What a file on disk has besides its bytes. */
export interface FileOwnership {
  uid: number;
  gid: number;
  mode: number;
}

/** The bits of Go's fs.FileMode that tell a file's type. */
export const goModeBits = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  /** Device, named pipe, socket and character device. */
  special: 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21,
} as const;

export class Archive {
  constructor(private readonly docker: Docker) {}

  /**
   * What is at a path; null when nothing is. Symbolic links are not followed.
   *
   * @throws SandglassError `not_found` of a root, which every container has: the container is gone
   */
  async stat(containerId: string, path: string): Promise<PathStat | null> {
    try {
      const answer = await mapped(path, () =>
        this.docker.getContainer(containerId).infoArchive({ path }),
      );
      answer.resume();
      const header = answer.headers['x-docker-container-path-stat'] as string;
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
      // Docker says no more than "404": only the root tells a container that is gone from a path.
      if (thrown.code === 'not_found' && path === '/') {
        throw new SandglassError('not_found', 'The sandbox is gone.', { cause: thrown });
      }
      if (thrown.code === 'not_found') return null;
      if (thrown.code === 'engine_error' && (await this.isBelowFile(containerId, path)))
        return null;
      throw thrown;
    }
  }

  /** Asked for a path below a file, Docker answers with a bare status 500. */
  private async isBelowFile(containerId: string, path: string): Promise<boolean> {
    const parent = posix.dirname(path);
    if (parent === path) return false;
    const stat = await this.stat(containerId, parent);
    return stat === null || stat.goMode < goModeBits.symlink;
  }

  /** A regular file's bytes. The caller has looked that it is one. */
  async read(containerId: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
    return await this.firstEntry(containerId, path, async (entry) => {
      return new Uint8Array(await buffer(entry));
    });
  }

  /**
   * A regular file's bytes as a stream, or a part of them. It is read from the start whatever the
   * part: Docker has no call for less. Destroying the stream ends the transfer.
   */
  async readStream(
    containerId: string,
    path: string,
    part: { offset: number; length: number },
  ): Promise<Readable> {
    const archive = await this.pack(containerId, path);
    return Readable.from(partOfFirstEntry(archive, part), { objectMode: false });
  }

  /** Owner and mode of a file, without reading its bytes. */
  async ownership(containerId: string, path: string): Promise<FileOwnership> {
    return await this.firstEntry(containerId, path, (_entry, header) =>
      Promise.resolve({ uid: header.uid ?? 0, gid: header.gid ?? 0, mode: header.mode ?? 0o644 }),
    );
  }

  /** Puts a file into a folder that exists, with the folders between them. */
  async write(
    containerId: string,
    target: { folder: string; newFolders: string[]; name: string },
    content: { bytes: Readable; size: number },
    ownership: FileOwnership,
  ): Promise<void> {
    const pack = tar.pack();
    const inside = packFolders(pack, target.newFolders, ownership);
    const entry = pack.entry({
      name: posix.join(inside, target.name),
      ...ownership,
      size: content.size,
      mtime: new Date(),
    });
    const withBodyStream = pipeline(content.bytes, entry as unknown as Writable).then(
      () => pack.finalize(),
      (error) => {
        pack.destroy(error);
        throw error;
      },
    );
    await this.transfer(containerId, target.folder, pack as unknown as Readable, withBodyStream);
  }

  /** Makes the folders that are missing below one that exists. */
  async makeFolders(
    containerId: string,
    target: { folder: string; newFolders: string[] },
    owner: { uid: number; gid: number },
  ): Promise<void> {
    const pack = tar.pack();
    packFolders(pack, target.newFolders, owner);
    pack.finalize();
    await this.put(containerId, target.folder, pack);
  }

  /** Copies a file or folder of this computer, with its modes, into a folder that exists, as `name`. */
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
    const withBodyStream = pipeline(pack, counter, { signal: options.signal });
    await this.transfer(containerId, folder, counter, withBodyStream);
  }

  /**
   * What is at a path, with all that is below, as a tar archive; its first name is the path's last.
   * Commands of the container wait until it is read.
   */
  async pack(containerId: string, path: string, abortSignal?: AbortSignal): Promise<Readable> {
    const options: { path: string; abortSignal?: AbortSignal } = { path, abortSignal };
    return (await mapped(path, () =>
      this.docker.getContainer(containerId).getArchive(options),
    )) as Readable;
  }

  /** Unpacks a tar archive into a folder that exists. All that is in it gets one owner. */
  async unpack(
    containerId: string,
    folder: string,
    archive: Readable,
    owner: { uid: number; gid: number },
  ): Promise<void> {
    const pack = tar.pack();
    const withBodyStream = repack(archive, pack, owner);
    await this.transfer(containerId, folder, pack as unknown as Readable, withBodyStream);
  }

  /** Sets the mode of a folder that exists, e.g. the root of a fresh volume. */
  async setFolderMode(containerId: string, path: string, mode: number): Promise<void> {
    const pack = tar.pack();
    pack.entry({ name: posix.basename(path), type: 'directory', mode, uid: 0, gid: 0 });
    pack.finalize();
    await this.put(containerId, posix.dirname(path), pack);
  }

  /** Sends a tar that is being fed meanwhile; when one end fails, the other is ended too. */
  private async transfer(
    containerId: string,
    folder: string,
    stream: Readable,
    withBodyStream: Promise<unknown>,
  ): Promise<void> {
    const abort = new AbortController();
    const fed = withBodyStream.then(
      () => null,
      (thrown: unknown) => {
        abort.abort();
        return { thrown };
      },
    );
    try {
      await mapped(folder, () =>
        this.docker.getContainer(containerId).putArchive(stream, {
          path: folder,
          noOverwriteDirNonDir: true,
          abortSignal: abort.signal,
        } as object & { path: string }),
      );
    } catch (thrown) {
      const isFeedAtFault = abort.signal.aborted;
      stream.destroy();
      const failure = await fed;
      throw isFeedAtFault && failure ? failure.thrown : thrown;
    }
  }

  private async put(containerId: string, folder: string, pack: tar.Pack): Promise<void> {
    await mapped(folder, () =>
      this.docker.getContainer(containerId).putArchive(pack as unknown as NodeJS.ReadableStream, {
        path: folder,
        noOverwriteDirNonDir: true,
      }),
    );
  }

  private async firstEntry<T>(
    containerId: string,
    path: string,
    use: (entry: Readable, header: tar.Header) => Promise<T>,
  ): Promise<T> {
    return await mapped(path, async () => {
      const archive = (await this.docker
        .getContainer(containerId)
        .getArchive({ path })) as Readable;
      const extract = tar.extract();
      archive.pipe(extract);
      archive.once('error', (error) => extract.destroy(error));
      try {
        for await (const entry of extract) {
          return await use(entry as unknown as Readable, entry.header);
        }
      } finally {
        archive.destroy();
        extract.destroy();
      }
      throw new SandglassError('file_not_found', `${path} does not exist.`);
    });
  }
}
