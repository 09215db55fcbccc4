import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { mapped } from '../errors';
import { withBodyStream } from './uploadStream';

export interface PathChange {
  path: string;
  change: 'added' | 'changed' | 'removed';
}

/** Size of a container's filesystem in bytes. */
export interface FilesystemSize {
  /** Size of its writable layer. */
  writtenBytes: number;
  /** Size of image and writable layer together. */
  totalBytes: number;
}

export interface MountedVolume {
  /** Name of the volume; null for a bind mount. */
  volume: string | null;
  path: string;
}

/** Mount point of Docker's init, which Docker creates at the first start. `/sbin` may be a link. */
export function isInitMountPoint(path: string): boolean {
  return /^(\/usr)?\/sbin\/docker-init$/.test(path);
}

/** Change kinds by their number in the Engine API (ContainerChanges). */
const changeKinds = ['changed', 'added', 'removed'] as const;

/**
 * Whole filesystems of containers, running or not, without their volumes. None of these calls starts a
 * container or runs a process in it, and none blocks its commands, unlike an archive of a path.
 */
export class Filesystems {
  constructor(private readonly docker: Docker) {}

  /** Differences from the container's image. */
  async changes(containerId: string, signal: AbortSignal): Promise<PathChange[]> {
    const found = (await mapped('The changes', () =>
      this.docker.getContainer(containerId).changes({ abortSignal: signal }),
    )) as Array<{ Path: string; Kind: 0 | 1 | 2 }> | null;
    return (found ?? []).map(({ Path, Kind }) => ({ path: Path, change: changeKinds[Kind] }));
  }

  /** Size as the daemon measures it, by walking the writable layer. */
  async size(containerId: string, signal?: AbortSignal): Promise<FilesystemSize> {
    const found = (await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect({ size: true, abortSignal: signal } as object),
    )) as { SizeRw?: number; SizeRootFs?: number };
    return { writtenBytes: found.SizeRw ?? 0, totalBytes: found.SizeRootFs ?? 0 };
  }

  /** Exports the whole filesystem as a tar archive. */
  async read(containerId: string, signal: AbortSignal): Promise<Readable> {
    return (await mapped('The filesystem', () =>
      this.docker.getContainer(containerId).export({ abortSignal: signal }),
    )) as Readable;
  }

  /** Unpacks a tar archive at the root over existing files, with the archive's owners. */
  async write(
    containerId: string,
    archive: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const stream = Readable.from(archive, { objectMode: false });
    await mapped('The filesystem', () =>
      withBodyStream(stream, signal, (abortSignal) =>
        this.docker
          .getContainer(containerId)
          .putArchive(stream, { path: '/', abortSignal } as object & { path: string }),
      ),
    );
  }

  /** Volumes and bind mounts of a container. */
  async mounts(containerId: string): Promise<MountedVolume[]> {
    const found = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    return found.Mounts.map(({ Name, Destination }) => ({
      volume: Name ?? null,
      path: Destination,
    }));
  }
}

/** Drops the mount point of Docker's init, and its folder when nothing else in that has changed. */
export function withoutInit(changes: PathChange[]): PathChange[] {
  const place = changes.find(({ path }) => isInitMountPoint(path));
  if (!place) return changes;
  const folder = posix.dirname(place.path);
  const others = changes.filter((change) => change !== place);
  const isOnlyTime = !others.some(({ path }) => path.startsWith(`${folder}/`));
  return others.filter(
    ({ path, change }) => !(isOnlyTime && path === folder && change === 'changed'),
  );
}
