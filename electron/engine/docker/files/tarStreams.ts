import { posix } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { SandglassError } from '#shared/errors';

/** Entry of a tar archive: read or resume it before the next one is requested. */
export type TarEntry = Readable & { header: tar.Header };

/**
 * Entries of a tar archive in their order. Leaving the loop destroys the archive's stream.
 *
 * @throws the archive's own error, or one of the parser when the archive is corrupt or truncated
 */
export async function* tarEntries(archive: Readable): AsyncGenerator<TarEntry, void, void> {
  const extract = tar.extract();
  archive.once('error', (error) => extract.destroy(error));
  archive.once('close', () => {
    if (archive.readableEnded === false)
      extract.destroy(new Error('The tar archive is truncated.'));
  });
  archive.pipe(extract);
  try {
    for await (const entry of extract) yield entry as unknown as TarEntry;
  } finally {
    archive.destroy();
    extract.destroy();
  }
}

/** Packs folders, each inside the one before. Returns the path of the innermost. */
export function packFolders(
  pack: tar.Pack,
  folders: string[],
  { uid, gid }: { uid: number; gid: number },
): string {
  let path = '';
  for (const folder of folders) {
    path = posix.join(path, folder);
    pack.entry({ name: path, type: 'directory', mode: 0o755, uid, gid, mtime: new Date() });
  }
  return path;
}

/**
 * Copies entries into `pack`, one by one at the reader's pace, and finalizes it.
 *
 * @param map returns the header of the copy, or null to skip the entry
 */
export async function copyEntries(
  entries: AsyncIterable<TarEntry>,
  pack: tar.Pack,
  map: (header: tar.Header) => (Partial<tar.Header> & { name: string }) | null,
): Promise<void> {
  for await (const entry of entries) {
    const header = map(entry.header);
    if (!header) {
      entry.resume();
      continue;
    }
    const copy = pack.entry(header) as unknown as Writable;
    if (header.type === 'file' || header.type === 'contiguous-file') await pipeline(entry, copy);
    else entry.resume();
  }
  pack.finalize();
}

/**
 * Copies an archive into `pack` with one owner for all entries, without devices and pipes. A failure
 * destroys `pack` with the error that is thrown.
 *
 * @throws SandglassError `invalid_input` when the archive is corrupt or truncated
 */
export async function repack(
  archive: Readable,
  pack: tar.Pack,
  owner: { uid: number; gid: number },
): Promise<void> {
  try {
    await copyEntries(tarEntries(archive), pack, (header) => {
      const { name, mode, mtime, size, type, linkname } = header;
      return isSpecial(type) ? null : { name, mode, mtime, size, type, linkname, ...owner };
    });
  } catch (cause) {
    const error = new SandglassError('invalid_input', 'The tar archive is corrupt or truncated.', {
      cause,
    });
    pack.destroy(error);
    throw error;
  }
}

/** A byte range of an archive's first entry; ends the archive with itself. */
export async function* rangeOfFirstEntry(
  archive: Readable,
  { offset, length }: { offset: number; length: number },
): AsyncGenerator<Buffer> {
  for await (const entry of tarEntries(archive)) {
    let position = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      const start = Math.max(offset - position, 0);
      const end = Math.min(offset + length - position, chunk.length);
      if (start < end) yield chunk.subarray(start, end);
      position += chunk.length;
      if (position >= offset + length) return;
    }
    return;
  }
}

/** Passes bytes through and reports the length of each chunk. */
export function countBytes(onBytes: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
}

/** True for devices and pipes, which are not copied to or from a container. */
export function isSpecial(type: string | null | undefined): boolean {
  return type === 'character-device' || type === 'block-device' || type === 'fifo';
}
