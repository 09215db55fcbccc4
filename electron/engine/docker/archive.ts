import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { SandglassError } from '#shared/errors';
import { mapped } from './errors';

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

  /** What is at a path; null when nothing is. Symbolic links are not followed. */
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
    bytes: Uint8Array,
    ownership: FileOwnership,
  ): Promise<void> {
    const pack = tar.pack();
    const { uid, gid } = ownership;
    let inside = '';
    for (const folder of target.newFolders) {
      inside = posix.join(inside, folder);
      pack.entry({ name: inside, type: 'directory', mode: 0o755, uid, gid, mtime: new Date() });
    }
    pack.entry(
      { name: posix.join(inside, target.name), ...ownership, mtime: new Date() },
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
    pack.finalize();
    await this.put(containerId, target.folder, pack);
  }

  /** Sets the mode of a folder that exists, e.g. the root of a fresh volume. */
  async setFolderMode(containerId: string, path: string, mode: number): Promise<void> {
    const pack = tar.pack();
    pack.entry({ name: posix.basename(path), type: 'directory', mode, uid: 0, gid: 0 });
    pack.finalize();
    await this.put(containerId, posix.dirname(path), pack);
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
