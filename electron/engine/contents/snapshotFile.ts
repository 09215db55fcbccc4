import { posix } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SandglassError } from '#shared/errors';
import type { Archive, PathStat } from '../docker';
import { followLinks, missing } from '../docker';

/** Resolves a path in a snapshot's container, following links. @throws SandglassError `file_not_found` */
export async function resolveFile(
  archive: Archive,
  containerId: string,
  path: string,
): Promise<{ path: string; stat: PathStat }> {
  const wanted = posix.resolve('/', path);
  const found = await followLinks(archive, containerId, wanted);
  if (found.stat) return { path: found.path, stat: found.stat };
  if (found.path === wanted) throw missing(path);
  throw new SandglassError(
    'file_not_found',
    `${path} is a link to ${found.path}, which does not exist.`,
    { field: 'path' },
  );
}

/** Reads at most `length` bytes from the start of a regular file in a snapshot's container. */
export async function readStart(
  archive: Archive,
  { containerId, path }: { containerId: string; path: string },
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (length === 0) return new Uint8Array();
  signal.throwIfAborted();
  const stream = await archive.readStream(containerId, path, { offset: 0, length });
  return new Uint8Array(await buffer(addAbortSignal(signal, stream)));
}
