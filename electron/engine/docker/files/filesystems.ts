import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { mapped } from '../errors';
import { withBodyStream } from './uploadStream';

export interface PathChange {
  path: string;
  change: 'added' | 'changed' | 'removed';
}

/** What a container's filesystem holds, in bytes. */
export interface FilesystemSize {
  /** What was written over its image. */
  writtenBytes: number;
  /** Image and changes together. */
  totalBytes: number;
}

export interface MountedVolume {
  volume: string | null;
  path: string;
}

export interface ListedProcess {
  pid: number;
  parentPid: number;
  command: string;
}

/**
 * True for where Docker mounts its init, in an empty file that it makes at the first start. The path is
 * behind links: in many images `/sbin` is one.
 */
export function isPlaceOfInit(path: string): boolean {
  return /^(\/usr)?\/sbin\/docker-init$/.test(path);
}

/** Docker's own numbers for what has happened to a path. */
const changeKinds = ['changed', 'added', 'removed'] as const;

/**
 * Containers' filesystems as a whole, running or not, without their volumes. Nothing here starts a
 * container or asks anything inside of it, and, unlike an archive of a path, none keeps its commands
 * waiting meanwhile.
 */
export class Filesystems {
  constructor(private readonly docker: Docker) {}

  /** What differs from the container's image. */
  async changes(containerId: string, signal: AbortSignal): Promise<PathChange[]> {
    const found = (await mapped('The changes', () =>
      this.docker.getContainer(containerId).changes({ abortSignal: signal }),
    )) as Array<{ Path: string; Kind: 0 | 1 | 2 }> | null;
    return (found ?? []).map(({ Path, Kind }) => ({ path: Path, change: changeKinds[Kind] }));
  }

  /** As the daemon measures it: it walks what was written. */
  async size(containerId: string, signal: AbortSignal): Promise<FilesystemSize> {
    const found = (await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect({ size: true, abortSignal: signal } as object),
    )) as { SizeRw?: number; SizeRootFs?: number };
    return { writtenBytes: found.SizeRw ?? 0, totalBytes: found.SizeRootFs ?? 0 };
  }

  /** All of it, as a tar archive. */
  async read(containerId: string, signal: AbortSignal): Promise<Readable> {
    return (await mapped('The filesystem', () =>
      this.docker.getContainer(containerId).export({ abortSignal: signal }),
    )) as Readable;
  }

  /** Unpacks a tar archive at the root, owners and all, over what is there. */
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

  /** Volumes and folders that are mounted in a container. */
  async mounts(containerId: string): Promise<MountedVolume[]> {
    const found = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    return found.Mounts.map(({ Name, Destination }) => ({
      volume: Name ?? null,
      path: Destination,
    }));
  }

  /** What runs in a container besides those that keep a sandbox up, as the daemon's host lists it. */
  async processes(containerId: string): Promise<ListedProcess[]> {
    const container = this.docker.getContainer(containerId);
    const { State: state } = await mapped('The container', () => container.inspect());
    if (!state.Running) return [];
    const { Titles: titles, Processes: rows } = (await mapped('The processes', () =>
      container.top(),
    )) as { Titles: string[]; Processes: string[][] };
    const column = (...names: string[]) => titles.findIndex((title) => names.includes(title));
    const [pid, parentPid, command] = [
      column('PID'),
      column('PPID'),
      column('CMD', 'COMMAND', 'ARGS'),
    ];
    const all = rows.map((row) => ({
      pid: Number(row[pid]),
      parentPid: Number(row[parentPid]),
      command: row[command] ?? '',
    }));
    return withoutKeepers(all, state.Pid);
  }
}

/** The changes that somebody has made: not the place of Docker's init, nor its folder for that alone. */
export function withoutInit(changes: PathChange[]): PathChange[] {
  const place = changes.find(({ path }) => isPlaceOfInit(path));
  if (!place) return changes;
  const folder = posix.dirname(place.path);
  const others = changes.filter((change) => change !== place);
  const isOnlyTime = !others.some(({ path }) => path.startsWith(`${folder}/`));
  return others.filter(
    ({ path, change }) => !(isOnlyTime && path === folder && change === 'changed'),
  );
}

/** Docker's init, the shell that sleeps, and its sleep. */
function withoutKeepers(all: ListedProcess[], init: number): ListedProcess[] {
  const keeper = all.find(
    ({ parentPid, command }) => parentPid === init && /while :; do sleep \d+; done/.test(command),
  );
  return all.filter(
    ({ pid, parentPid }) => pid !== init && pid !== keeper?.pid && parentPid !== keeper?.pid,
  );
}
