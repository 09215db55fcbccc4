import { posix } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { SandglassError } from '#shared/errors';

/** Packs folders, each in the one before; returns the path of the innermost. */
export function packFolders(
  pack: tar.Pack,
  folders: string[],
  { uid, gid }: { uid: number; gid: number },
): string {
  let inside = '';
  for (const folder of folders) {
    inside = posix.join(inside, folder);
    pack.entry({ name: inside, type: 'directory', mode: 0o755, uid, gid, mtime: new Date() });
  }
  return inside;
}

/** Entry by entry, as fast as it is read. Devices and pipes are left out. */
export async function repack(
  archive: Readable,
  pack: tar.Pack,
  owner: { uid: number; gid: number },
): Promise<void> {
  const extract = tar.extract();
  const reading = pipeline(archive, extract as unknown as Writable);
  // What it means is told by the loop, which it ends.
  reading.catch(() => {});
  try {
    for await (const entry of extract) {
      const { name, mode, mtime, size, type, linkname } = entry.header;
      if (isSpecial(type)) {
        entry.resume();
        continue;
      }
      const copy = pack.entry({ name, mode, mtime, size, type, linkname, ...owner });
      if (type === 'file')
        await pipeline(entry as unknown as Readable, copy as unknown as Writable);
      else entry.resume();
    }
    await reading;
    pack.finalize();
  } catch (cause) {
    const error = new SandglassError('invalid_input', 'The tar archive is broken or cut off.', {
      cause,
    });
    pack.destroy(error);
    throw error;
  }
}

/** A part of the bytes of an archive's first entry; ends the archive with itself. */
export async function* partOfFirstEntry(
  archive: Readable,
  { offset, length }: { offset: number; length: number },
): AsyncGenerator<Buffer> {
  const extract = tar.extract();
  archive.once('error', (error) => extract.destroy(error));
  archive.pipe(extract);
  try {
    for await (const entry of extract) {
      let at = 0;
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        const start = Math.max(offset - at, 0);
        const end = Math.min(offset + length - at, chunk.length);
        if (start < end) yield chunk.subarray(start, end);
        at += chunk.length;
        if (at >= offset + length) return;
      }
      return;
    }
  } finally {
    archive.destroy();
    extract.destroy();
  }
}

/** Passes bytes on, and tells how many with each piece. */
export function countBytes(onBytes: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
}

/** Devices and pipes, which have no use outside. */
export function isSpecial(type: string | null | undefined): boolean {
  return type === 'character-device' || type === 'block-device' || type === 'fifo';
}
