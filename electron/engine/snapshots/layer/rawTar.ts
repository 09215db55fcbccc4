import { SandglassError } from '#shared/errors';

/**
 * Tar archives entry by entry, with every byte of their headers: what a library reads and writes anew
 * loses names that are no UTF-8 and attributes that are no text, as capabilities.
 */

const BLOCK = 512;
const empty = Buffer.alloc(0);

export type RawKind = 'file' | 'directory' | 'symlink' | 'link' | 'other';

export interface RawEntry {
  /** From the root, as `/opt/x`. */
  path: string;
  kind: RawKind;
  sizeBytes: number;
  /** Of a hard link: what it is one to, from the root. */
  linkPath: string | null;
  /** Its header, with the extended ones before it. */
  header: Buffer;
  /** What is in it, padded to whole blocks. What is not read is passed over. */
  body(): AsyncGenerator<Buffer>;
}

const kinds: Record<string, RawKind> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

/** @throws SandglassError `engine_error` where it is cut off */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<RawEntry> {
  const bytes = new ByteReader(stream);
  try {
    let extended: Buffer[] = [];
    let records = new Map<string, Buffer>();
    for (;;) {
      const block = await bytes.take(BLOCK);
      if (block[0] === 0 && block.every((byte) => byte === 0)) break;
      const type = String.fromCharCode(block[156] ?? 0);
      if ('xgLK'.includes(type)) {
        const body = await bytes.take(padded(numberAt(block, 124, 12)));
        const content = body.subarray(0, numberAt(block, 124, 12));
        extended.push(block, body);
        if (type === 'x') records = parseRecords(content);
        if (type === 'L') records.set('path', upToNul(content));
        if (type === 'K') records.set('linkpath', upToNul(content));
        continue;
      }
      const sizeRecord = records.get('size');
      const size = sizeRecord ? Number(sizeRecord.toString()) : numberAt(block, 124, 12);
      const kind = kinds[type] ?? 'other';
      let left = padded(kind === 'file' ? size : 0);
      yield {
        path: fromRoot(records.get('path') ?? nameOf(block)),
        kind,
        sizeBytes: kind === 'file' ? size : 0,
        linkPath:
          kind === 'link'
            ? fromRoot(records.get('linkpath') ?? upToNul(block.subarray(157, 257)))
            : null,
        header: Buffer.concat([...extended, block]),
        body: async function* () {
          while (left > 0) {
            const chunk = await bytes.some(left);
            left -= chunk.length;
            yield chunk;
          }
        },
      };
      while (left > 0) left -= (await bytes.some(left)).length;
      extended = [];
      records = new Map();
    }
    // The rest is padding: read to its end, the connection can be used again.
    while (await bytes.more());
  } finally {
    await bytes.close();
  }
}

/**
 * A path as Docker's lists have it too: in their JSON a name that is no UTF-8 has another number of marks
 * for what is missing.
 */
export function comparablePath(path: string): string {
  return path.includes('\ufffd') ? path.replace(/\ufffd+/g, '\ufffd') : path;
}

/** A hard link's own header as that of a file of this size. */
export function asFile(link: RawEntry, sizeBytes: number): Buffer {
  const { block, records } = splitHeader(link.header);
  records.delete('linkpath');
  if (sizeBytes >= 8 ** 11) records.set('size', Buffer.from(String(sizeBytes)));
  else records.delete('size');
  block[156] = 0x30;
  block.fill(0, 157, 257);
  block.write(`${(sizeBytes % 8 ** 11).toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  return joinHeader(block, records);
}

/** A hard link's own header with another target. */
export function linkTo(link: RawEntry, target: RawEntry): Buffer {
  const { block, records } = splitHeader(link.header);
  const own = splitHeader(target.header);
  const name = own.records.get('path') ?? nameOf(own.block);
  records.delete('linkpath');
  block.fill(0, 157, 257);
  if (name.length <= 100) name.copy(block, 157);
  else records.set('linkpath', name);
  return joinHeader(block, records);
}

function splitHeader(header: Buffer): { block: Buffer; records: Map<string, Buffer> } {
  let records = new Map<string, Buffer>();
  let at = 0;
  while (at < header.length - BLOCK) {
    const size = numberAt(header.subarray(at, at + BLOCK), 124, 12);
    const content = header.subarray(at + BLOCK, at + BLOCK + size);
    const type = String.fromCharCode(header[at + 156] ?? 0);
    if (type === 'x') records = parseRecords(content);
    if (type === 'L') records.set('path', upToNul(content));
    if (type === 'K') records.set('linkpath', upToNul(content));
    at += BLOCK + padded(size);
  }
  return { block: Buffer.from(header.subarray(at)), records };
}

function joinHeader(block: Buffer, records: Map<string, Buffer>): Buffer {
  seal(block);
  if (records.size === 0) return block;
  const content = Buffer.concat([...records].map(([key, value]) => record(key, value)));
  const before = Buffer.alloc(BLOCK);
  before.write('PaxHeaders.0/entry', 0, 'latin1');
  before.write('0000644\0', 100, 'latin1');
  before.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  before.write('x', 156, 'latin1');
  before.write('ustar\x0000', 257, 'latin1');
  seal(before);
  const padding = Buffer.alloc(padded(content.length) - content.length);
  return Buffer.concat([before, content, padding, block]);
}

/** One record of an extended header: its own length counts too. */
function record(key: string, value: Buffer): Buffer {
  const bare = key.length + value.length + 3;
  let length = bare + String(bare).length;
  length = bare + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}

function seal(block: Buffer): void {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function parseRecords(content: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, space));
    const equals = content.indexOf(0x3d, space);
    if (space < 0 || equals < 0 || !(length > 0)) throw cutOff();
    const value = content.subarray(equals + 1, at + length - 1);
    records.set(content.toString('latin1', space + 1, equals), value);
    at += length;
  }
  return records;
}

function nameOf(block: Buffer): Buffer {
  const name = upToNul(block.subarray(0, 100));
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? upToNul(block.subarray(345, 500)) : empty;
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
}

function upToNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Octal digits, or for what has too many of them a binary number that begins with a set bit. */
function numberAt(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) return block.readUIntBE(at + length - 6, 6);
  return (
    Number.parseInt(
      upToNul(block.subarray(at, at + length))
        .toString('latin1')
        .trim(),
      8,
    ) || 0
  );
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function fromRoot(name: Buffer): string {
  const names = name.toString('utf8').split('/');
  return `/${names.filter((part) => part !== '' && part !== '.').join('/')}`;
}

function cutOff(): SandglassError {
  return new SandglassError('engine_error', 'Docker broke off an archive of the filesystem.', {
    hint: 'Try again. If it happens again, the log of Docker says more.',
  });
}

/** Exact numbers of bytes out of chunks of any size. */
class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private current: Buffer = empty;

  constructor(stream: AsyncIterable<Buffer>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    if (this.current.length >= length) return this.cut(length);
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** As many as are there, at least one and at most so many. */
  async some(most: number): Promise<Buffer> {
    if (this.current.length === 0 && !(await this.more())) throw cutOff();
    return this.cut(Math.min(most, this.current.length));
  }

  /** Reads on, dropping what is left; false at the end. */
  async more(): Promise<boolean> {
    do {
      const { value, done } = await this.chunks.next();
      if (done) return false;
      this.current = value;
    } while (this.current.length === 0);
    return true;
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private cut(length: number): Buffer {
    const part = this.current.subarray(0, length);
    this.current = this.current.subarray(length);
    return part;
  }
}
