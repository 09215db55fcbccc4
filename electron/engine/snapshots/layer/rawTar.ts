import { ByteReader } from './byteReader';
import {
  BLOCK_SIZE,
  decodeHeader,
  decodePath,
  encodeHeader,
  extensionTypes,
  field,
  mergeExtension,
  type PaxRecords,
  paddedSize,
  pathOf,
  readNumber,
  readString,
  TYPEFLAG_FILE,
  truncated,
  typeflagOf,
  writeSize,
} from './tarHeader';

/**
 * Tar archives entry by entry, with the bytes of their headers unchanged. Tar libraries decode and encode
 * headers, and lose names that are not UTF-8 and PAX values that are not text, e.g. file capabilities.
 */

export type RawKind = 'file' | 'directory' | 'symlink' | 'link' | 'other';

export interface RawEntry {
  /** Absolute path, e.g. `/opt/x`. */
  path: string;
  kind: RawKind;
  /** Size of the body without padding; 0 for anything but a file. */
  sizeBytes: number;
  /** Target of a hard link as an absolute path; null for other entries. */
  linkPath: string | null;
  /** Header block, preceded by its PAX and GNU extension headers. */
  header: Buffer;
  /** Streams the body with its padding. An unread body is skipped. */
  body(): AsyncGenerator<Buffer>;
}

/** Kinds by typeflag (POSIX.1-2001, ustar Interchange Format). */
const kinds: Record<string, RawKind> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

/** Parses an archive. @throws SandglassError `engine_error` when it is truncated */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<RawEntry> {
  const bytes = new ByteReader(stream, truncated);
  try {
    let extensions: Buffer[] = [];
    let records: PaxRecords = new Map();
    for (;;) {
      const block = await bytes.take(BLOCK_SIZE);
      if (block[0] === 0 && block.every((byte) => byte === 0)) break;
      const typeflag = typeflagOf(block);
      if (extensionTypes.has(typeflag)) {
        const size = readNumber(block, field.size);
        const body = await bytes.take(paddedSize(size));
        extensions.push(block, body);
        records = mergeExtension(records, typeflag, body.subarray(0, size));
        continue;
      }
      const sizeRecord = records.get('size');
      const size = sizeRecord ? Number(sizeRecord.toString()) : readNumber(block, field.size);
      const kind = kinds[typeflag] ?? 'other';
      let left = paddedSize(kind === 'file' ? size : 0);
      yield {
        path: decodePath(records.get('path') ?? pathOf(block)),
        kind,
        sizeBytes: kind === 'file' ? size : 0,
        linkPath:
          kind === 'link'
            ? decodePath(records.get('linkpath') ?? readString(block, field.linkname))
            : null,
        header: Buffer.concat([...extensions, block]),
        body: async function* () {
          while (left > 0) {
            const chunk = await bytes.some(left);
            left -= chunk.length;
            yield chunk;
          }
        },
      };
      while (left > 0) left -= (await bytes.some(left)).length;
      extensions = [];
      records = new Map();
    }
    // Reads the padding after the end-of-archive block, so that the connection can be reused.
    while (await bytes.more());
  } finally {
    await bytes.close();
  }
}

/**
 * Normalizes a path for comparison with Docker's JSON lists. Each side replaces the invalid bytes of a name
 * that is not UTF-8 by another number of U+FFFD.
 */
export function comparablePath(path: string): string {
  return path.includes('\ufffd') ? path.replace(/\ufffd+/g, '\ufffd') : path;
}

/** Header of a hard link, changed to that of a regular file of this size. */
export function asFile(link: RawEntry, sizeBytes: number): Buffer {
  const { block, records } = decodeHeader(link.header);
  records.delete('linkpath');
  block.write(TYPEFLAG_FILE, field.typeflag.offset, 'latin1');
  block.fill(0, field.linkname.offset, field.linkname.end);
  writeSize(block, records, sizeBytes);
  return encodeHeader(block, records);
}

/** Header of a hard link with another target. */
export function linkTo(link: RawEntry, target: RawEntry): Buffer {
  const { block, records } = decodeHeader(link.header);
  const decoded = decodeHeader(target.header);
  const path = decoded.records.get('path') ?? pathOf(decoded.block);
  records.delete('linkpath');
  block.fill(0, field.linkname.offset, field.linkname.end);
  if (path.length <= field.linkname.end - field.linkname.offset) {
    path.copy(block, field.linkname.offset);
  } else {
    records.set('linkpath', path);
  }
  return encodeHeader(block, records);
}
