import { SandglassError } from '#shared/errors';

/**
 * Header blocks of tar archives: ustar and PAX (POSIX.1-2001, `pax` utility) and the extensions of GNU tar
 * for long names and large numbers.
 */

export const BLOCK_SIZE = 512;

/** Fields of a ustar header block that are read or written here. */
export const field = {
  name: { offset: 0, end: 100 },
  mode: { offset: 100, end: 108 },
  size: { offset: 124, end: 136 },
  chksum: { offset: 148, end: 156 },
  typeflag: { offset: 156, end: 157 },
  linkname: { offset: 157, end: 257 },
  magic: { offset: 257, end: 263 },
  prefix: { offset: 345, end: 500 },
} as const;

interface Field {
  offset: number;
  end: number;
}

export const TYPEFLAG_FILE = '0';
const TYPEFLAG_PAX = 'x';
const TYPEFLAG_GNU_LONGNAME = 'L';
const TYPEFLAG_GNU_LONGLINK = 'K';

/** Typeflags of extension headers: their body describes the next entry, or all that follow (`g`). */
export const extensionTypes: ReadonlySet<string> = new Set([
  TYPEFLAG_PAX,
  'g',
  TYPEFLAG_GNU_LONGNAME,
  TYPEFLAG_GNU_LONGLINK,
]);

/** Largest size of the octal field: 11 digits. */
const MAX_OCTAL_SIZE = 8 ** 11 - 1;

/** PAX records by keyword. Values are bytes: they may be neither UTF-8 nor text. */
export type PaxRecords = Map<string, Buffer>;

export function typeflagOf(block: Buffer): string {
  return readBytes(block, field.typeflag).toString('latin1');
}

/** Path of an entry: name, preceded by the prefix in a ustar header. */
export function pathOf(block: Buffer): Buffer {
  const name = readString(block, field.name);
  const isUstar = readBytes(block, field.magic).toString('latin1') === 'ustar\0';
  const prefix = isUstar ? readString(block, field.prefix) : Buffer.alloc(0);
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
}

/** Absolute path: `./a/` and `/a` are `/a`. */
export function decodePath(path: Buffer): string {
  const names = path.toString('utf8').split('/');
  return `/${names.filter((name) => name !== '' && name !== '.').join('/')}`;
}

/** Bytes of a field up to its first NUL. */
export function readString(block: Buffer, at: Field): Buffer {
  return untilNul(readBytes(block, at));
}

/** Number of a field: octal, or GNU base-256 when the high bit is set. */
export function readNumber(block: Buffer, at: Field): number {
  if (((block[at.offset] ?? 0) & 0x80) !== 0) return block.readUIntBE(at.end - 6, 6);
  return Number.parseInt(readString(block, at).toString('latin1').trim(), 8) || 0;
}

/** Sets an entry's size: in the header block, or for large files in a PAX record. */
export function writeSize(block: Buffer, records: PaxRecords, sizeBytes: number): void {
  if (sizeBytes > MAX_OCTAL_SIZE) records.set('size', Buffer.from(String(sizeBytes)));
  else records.delete('size');
  writeOctalSize(block, sizeBytes % (MAX_OCTAL_SIZE + 1));
}

/** Adds the body of an extension header to the records of the next entry. */
export function mergeExtension(records: PaxRecords, typeflag: string, body: Buffer): PaxRecords {
  if (typeflag === TYPEFLAG_PAX) return parsePaxRecords(body);
  if (typeflag === TYPEFLAG_GNU_LONGNAME) records.set('path', untilNul(body));
  if (typeflag === TYPEFLAG_GNU_LONGLINK) records.set('linkpath', untilNul(body));
  return records;
}

/** Splits an entry's header into a copy of its block and the records of its extension headers. */
export function decodeHeader(header: Buffer): { block: Buffer; records: PaxRecords } {
  let records: PaxRecords = new Map();
  let offset = 0;
  while (offset < header.length - BLOCK_SIZE) {
    const block = header.subarray(offset, offset + BLOCK_SIZE);
    const size = readNumber(block, field.size);
    const body = header.subarray(offset + BLOCK_SIZE, offset + BLOCK_SIZE + size);
    records = mergeExtension(records, typeflagOf(block), body);
    offset += BLOCK_SIZE + paddedSize(size);
  }
  return { block: Buffer.from(header.subarray(offset)), records };
}

/** Header of an entry: a PAX header for its records, if any, and the block with a new checksum. */
export function encodeHeader(block: Buffer, records: PaxRecords): Buffer {
  writeChecksum(block);
  if (records.size === 0) return block;
  const body = Buffer.concat([...records].map(([key, value]) => paxRecord(key, value)));
  const pax = Buffer.alloc(BLOCK_SIZE);
  pax.write('PaxHeaders.0/entry', field.name.offset, 'latin1');
  pax.write('0000644\0', field.mode.offset, 'latin1');
  writeOctalSize(pax, body.length);
  pax.write(TYPEFLAG_PAX, field.typeflag.offset, 'latin1');
  // Magic and version.
  pax.write('ustar\x0000', field.magic.offset, 'latin1');
  writeChecksum(pax);
  const padding = Buffer.alloc(paddedSize(body.length) - body.length);
  return Buffer.concat([pax, body, padding, block]);
}

/** Rounds up to whole blocks. */
export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE;
}

export function truncated(): SandglassError {
  return new SandglassError('engine_error', 'Docker sent a truncated archive of the filesystem.', {
    hint: "Try again. If the error persists, see Docker's log.",
  });
}

/** PAX record `LENGTH KEYWORD=VALUE\n`; its length includes the digits of the length. */
function paxRecord(keyword: string, value: Buffer): Buffer {
  const rest = keyword.length + value.length + 3;
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${keyword}=`), value, Buffer.from('\n')]);
}

function parsePaxRecords(body: Buffer): PaxRecords {
  const records: PaxRecords = new Map();
  let offset = 0;
  while (offset < body.length) {
    const space = body.indexOf(0x20, offset);
    const length = Number(body.toString('latin1', offset, space));
    const equals = body.indexOf(0x3d, space);
    if (space < 0 || equals < 0 || !(length > 0)) throw truncated();
    const value = body.subarray(equals + 1, offset + length - 1);
    records.set(body.toString('latin1', space + 1, equals), value);
    offset += length;
  }
  return records;
}

/** Sum of all bytes of the block, with the checksum field itself as spaces. */
function writeChecksum(block: Buffer): void {
  block.fill(0x20, field.chksum.offset, field.chksum.end);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, field.chksum.offset, 'latin1');
}

function writeOctalSize(block: Buffer, size: number): void {
  block.write(`${size.toString(8).padStart(11, '0')}\0`, field.size.offset, 'latin1');
}

function readBytes(block: Buffer, { offset, end }: Field): Buffer {
  return block.subarray(offset, end);
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
