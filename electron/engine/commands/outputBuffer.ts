import { isUtf8 } from 'node:buffer';
import type { OutputChunk } from '../docker';

/** Part of a command's output with its position in its stream. */
export interface OutputPart extends OutputChunk {
  /** Position of the first byte, in bytes from the start of the stream, in the reader's form. */
  offset: number;
}

/** Position in both streams, in bytes. */
export type OutputPosition = Record<OutputChunk['stream'], number>;

/**
 * Output as raw bytes, or as UTF-8 text with U+FFFD in place of invalid bytes. Offsets of a text reader
 * count the bytes of that text, so the two forms differ for binary output.
 */
export type OutputForm = 'bytes' | 'text';

/** Position of a reader; the buffer advances it. */
export interface OutputCursor {
  readonly form: OutputForm;
  /** Bytes read of each stream. */
  readonly at: OutputPosition;
  /** Sequence number of the part to read next. */
  next: number;
}

type Stream = OutputChunk['stream'];

/** Maximum size of a part. Small writes are joined: a program may write millions of single bytes. */
const MAX_PART_BYTES = 64 * 1024;
/** Estimated memory of a part besides its bytes. */
const PART_OVERHEAD_BYTES = 256;
/**
 * Bytes that a reader may have been given but not received: they are in the socket buffers of both ends
 * (Linux lets each grow to several MiB) and are requested again after a lost connection.
 */
const MAX_IN_FLIGHT_BYTES = 8 * 1024 ** 2;

/**
 * Bounded stdout/stderr buffer with independent read cursors. Evicts the oldest parts first, but none
 * that a reader may still need.
 */
export class OutputBuffer {
  private parts: Part[] = [];
  private readonly ends = startOfBoth();
  /** End of the evicted output. */
  private evicted = startOfBoth();
  private readonly readers = new Set<OutputCursor>();
  /** Cursor of the last reader, which may reconnect, or of the first, which has not come yet. */
  private absent: OutputCursor | null = { form: 'bytes', at: { stdout: 0, stderr: 0 }, next: 0 };
  private bufferedBytes = 0;
  /** Sequence number of the first retained part. */
  private firstNumber = 0;

  constructor(private readonly maxBytes: () => number) {}

  /** Bytes of memory in use, approximately. */
  get size(): number {
    return this.bufferedBytes;
  }

  get hasReaders(): boolean {
    return this.readers.size > 0;
  }

  /** Whether more output requires an eviction. */
  get isFull(): boolean {
    return this.bufferedBytes >= this.maxBytes();
  }

  /** Whether a reader has not received the oldest part, or may lose it in transit. */
  get isOldestUnread(): boolean {
    const [oldest] = this.parts;
    if (!oldest) return false;
    const inFlight = Math.min(MAX_IN_FLIGHT_BYTES, this.maxBytes() / 2);
    const readers = this.absent ? [...this.readers, this.absent] : [...this.readers];
    return readers.some(({ form, at }) => oldest.endIn(form) > at[oldest.stream] - inFlight);
  }

  /** Stops retaining output for a reader that is not connected. */
  giveUpAbsentReader(): void {
    this.absent = null;
  }

  /** Appends output. `bytes` ends with a complete UTF-8 character, except at the end of the stream. */
  append(stream: Stream, bytes: Uint8Array): void {
    const last = this.parts.at(-1);
    const isJoined = last?.stream === stream && last.length + bytes.length <= MAX_PART_BYTES;
    const part = isJoined ? last : this.addPart(stream);
    part.add(bytes);
    this.bufferedBytes += bytes.length;
    for (const form of ['bytes', 'text'] as const) this.ends[form][stream] = part.endIn(form);
    while (this.bufferedBytes > this.maxBytes() && this.parts.length > 1 && !this.isOldestUnread) {
      this.evictOldest();
    }
  }

  /** Evicts everything; the lengths of the streams are kept. */
  clear(): void {
    while (this.parts.length > 0) this.evictOldest();
  }

  /** Adds a reader that has everything before a position, until `close`. */
  open(from: OutputPosition, form: OutputForm): OutputCursor {
    const index = this.parts.findIndex((part) => part.endIn(form) > from[part.stream]);
    const found = index < 0 ? Math.max(0, this.parts.length - 1) : index;
    const cursor = { form, at: { ...from }, next: this.firstNumber + found };
    this.readers.add(cursor);
    this.absent = null;
    return cursor;
  }

  close(cursor: OutputCursor): void {
    this.readers.delete(cursor);
    if (this.readers.size === 0) this.absent = cursor;
  }

  /** Returns a stream in which a reader lacks evicted bytes, and the first retained offset. */
  gapBefore({ form, at }: OutputCursor): { stream: Stream; retainedFrom: number } | null {
    for (const stream of ['stdout', 'stderr'] as const) {
      const retainedFrom = this.evicted[form][stream];
      if (at[stream] < retainedFrom) return { stream, retainedFrom };
    }
    return null;
  }

  /** Returns the next output for a reader and advances its cursor; null if there is none yet. */
  next(cursor: OutputCursor): OutputPart | null {
    for (;;) {
      cursor.next = Math.max(cursor.next, this.firstNumber);
      const part = this.parts[cursor.next - this.firstNumber];
      if (!part) return null;
      const { stream } = part;
      const found = part.after(cursor.at[stream], cursor.form);
      if (found) {
        cursor.at[stream] = found.offset + found.bytes.length;
        return found;
      }
      // The last part may still grow.
      if (cursor.next === this.firstNumber + this.parts.length - 1) return null;
      cursor.next += 1;
    }
  }

  private addPart(stream: Stream): Part {
    const { bytes, text } = this.ends;
    const part = new Part(stream, { bytes: bytes[stream], text: text[stream] });
    this.parts.push(part);
    this.bufferedBytes += PART_OVERHEAD_BYTES;
    return part;
  }

  private evictOldest(): void {
    const part = this.parts.shift();
    if (!part) return;
    this.firstNumber += 1;
    this.bufferedBytes -= part.length + PART_OVERHEAD_BYTES;
    for (const form of ['bytes', 'text'] as const) {
      this.evicted[form][part.stream] = part.endIn(form);
    }
  }
}

/** Consecutive output of one stream, from one write or several small ones. Only grows. */
class Part {
  length = 0;
  private buffer = new Uint8Array();
  private textLength = 0;

  constructor(
    readonly stream: Stream,
    private readonly starts: Record<OutputForm, number>,
  ) {}

  add(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (this.length === 0) {
      this.buffer = new Uint8Array(bytes);
    } else {
      if (length > this.buffer.length) this.grow(Math.min(MAX_PART_BYTES, length * 2));
      this.buffer.set(bytes, this.length);
    }
    this.length = length;
    this.textLength += isUtf8(bytes) ? bytes.length : asText(bytes).length;
  }

  endIn(form: OutputForm): number {
    return this.starts[form] + (form === 'bytes' ? this.length : this.textLength);
  }

  /** Returns the output after an offset; null if there is none. */
  after(offset: number, form: OutputForm): OutputPart | null {
    if (this.endIn(form) <= offset) return null;
    const all = this.buffer.subarray(0, this.length);
    const bytes = form === 'bytes' || isUtf8(all) ? all : asText(all);
    const skip = Math.max(0, offset - this.starts[form]);
    return {
      stream: this.stream,
      offset: this.starts[form] + skip,
      bytes: bytes.subarray(skip),
    };
  }

  private grow(size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

/** `ignoreBOM` keeps a byte order mark in the text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

function asText(bytes: Uint8Array): Uint8Array {
  return encoder.encode(decoder.decode(bytes));
}

function startOfBoth(): Record<OutputForm, OutputPosition> {
  return { bytes: { stdout: 0, stderr: 0 }, text: { stdout: 0, stderr: 0 } };
}
