import { isUtf8 } from 'node:buffer';

/** A part of a command's output, where it lies in its stream. */
export interface OutputPart {
  stream: 'stdout' | 'stderr';
  /** Of its first byte, in bytes from the start of the stream, in the form that was asked for. */
  offset: number;
  bytes: Uint8Array;
}

/** How far a reader has come in each stream, in bytes. */
export interface OutputPosition {
  stdout: number;
  stderr: number;
}

/**
 * The bytes as they came, or as the UTF-8 of a text, in which U+FFFD stands for what is no text. A
 * reader of text counts its offsets by what it was sent: they differ where the output is binary.
 */
export type OutputForm = 'bytes' | 'text';

/** Where a reader is; the log moves it on. */
export interface OutputCursor {
  readonly form: OutputForm;
  /** What it has, in bytes of each stream. */
  readonly at: OutputPosition;
  /** The number of the part that it reads next. */
  number: number;
}

type Stream = OutputPart['stream'];

/** Small pieces are joined up to this size: a program that writes bytes one by one has millions. */
const PART_BYTES = 64 * 1024;
/** What a part costs beside its bytes, roughly. */
const PART_OVERHEAD = 256;
/**
 * A reader was handed this much that may not have arrived: it is in the buffers of both ends of a socket
 * (Linux lets each grow to some MiB), and is asked for again when the connection breaks. Bytes.
 */
const IN_FLIGHT_BYTES = 8 * 1024 ** 2;

/**
 * What a command has said, in the order of its coming, for readers that come and go. It holds about so
 * many bytes as it is let: the oldest are dropped for new ones.
 */
export class OutputLog {
  private parts: Part[] = [];
  private readonly ends = startOfBoth();
  /** The end of what was dropped. */
  private dropped = startOfBoth();
  private readonly readers = new Set<OutputCursor>();
  /** The last reader, which may come back, or the first, which is yet to come. */
  private absent: OutputCursor | null = { form: 'bytes', at: { stdout: 0, stderr: 0 }, number: 0 };
  private held = 0;
  /** The number of the first part that is held; numbers never start again. */
  private firstNumber = 0;

  constructor(private readonly mostBytes: () => number) {}

  get heldBytes(): number {
    return this.held;
  }

  get hasReaders(): boolean {
    return this.readers.size > 0;
  }

  /** True when there is room for more only by dropping the oldest. */
  get isFull(): boolean {
    return this.held >= this.mostBytes();
  }

  /** True when a reader has yet to get the oldest part, or may lose it on the way: it is then not dropped. */
  get isOldestWanted(): boolean {
    const [oldest] = this.parts;
    if (!oldest) return false;
    const inFlight = Math.min(IN_FLIGHT_BYTES, this.mostBytes() / 2);
    const wanting = this.absent ? [...this.readers, this.absent] : [...this.readers];
    return wanting.some(({ form, at }) => oldest.endIn(form) > at[oldest.stream] - inFlight);
  }

  /** Nobody is waited for any more. */
  giveUpAbsent(): void {
    this.absent = null;
  }

  /** `bytes` ends with a whole character, unless the stream ends there. */
  append(stream: Stream, bytes: Uint8Array): void {
    const last = this.parts.at(-1);
    const isJoined = last?.stream === stream && last.length + bytes.length <= PART_BYTES;
    const part = isJoined ? last : this.addPart(stream);
    part.add(bytes);
    this.held += bytes.length;
    for (const form of ['bytes', 'text'] as const) this.ends[form][stream] = part.endIn(form);
    while (this.held > this.mostBytes() && this.parts.length > 1 && !this.isOldestWanted) {
      this.dropOldest();
    }
  }

  /** Drops everything; how long it was stays known. */
  clear(): void {
    while (this.parts.length > 0) this.dropOldest();
  }

  /** Begins to read, for one that has everything before these offsets, until `close`. */
  open(from: OutputPosition, form: OutputForm): OutputCursor {
    const index = this.parts.findIndex((part) => part.endIn(form) > from[part.stream]);
    const found = index < 0 ? Math.max(0, this.parts.length - 1) : index;
    const cursor = { form, at: { ...from }, number: this.firstNumber + found };
    this.readers.add(cursor);
    this.absent = null;
    return cursor;
  }

  close(cursor: OutputCursor): void {
    this.readers.delete(cursor);
    if (this.readers.size === 0) this.absent = cursor;
  }

  /** The stream of which a reader lacks something that was dropped, and where the rest begins. */
  missing({ form, at }: OutputCursor): { stream: Stream; keptFrom: number } | null {
    for (const stream of ['stdout', 'stderr'] as const) {
      const keptFrom = this.dropped[form][stream];
      if (at[stream] < keptFrom) return { stream, keptFrom };
    }
    return null;
  }

  /** What comes next for a reader; null when there is nothing yet. */
  next(cursor: OutputCursor): OutputPart | null {
    for (;;) {
      cursor.number = Math.max(cursor.number, this.firstNumber);
      const part = this.parts[cursor.number - this.firstNumber];
      if (!part) return null;
      const { stream } = part;
      const found = part.after(cursor.at[stream], cursor.form);
      if (found) {
        cursor.at[stream] = found.offset + found.bytes.length;
        return found;
      }
      // The last one may still grow.
      if (cursor.number === this.firstNumber + this.parts.length - 1) return null;
      cursor.number += 1;
    }
  }

  private addPart(stream: Stream): Part {
    const { bytes, text } = this.ends;
    const part = new Part(stream, { bytes: bytes[stream], text: text[stream] });
    this.parts.push(part);
    this.held += PART_OVERHEAD;
    return part;
  }

  private dropOldest(): void {
    const part = this.parts.shift();
    if (!part) return;
    this.firstNumber += 1;
    this.held -= part.length + PART_OVERHEAD;
    for (const form of ['bytes', 'text'] as const)
      this.dropped[form][part.stream] = part.endIn(form);
  }
}

/** What came of one stream in one go, or in many small ones. It only grows. */
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
      if (length > this.buffer.length) this.grow(Math.min(PART_BYTES, length * 2));
      this.buffer.set(bytes, this.length);
    }
    this.length = length;
    this.textLength += isUtf8(bytes) ? bytes.length : asText(bytes).length;
  }

  endIn(form: OutputForm): number {
    return this.starts[form] + (form === 'bytes' ? this.length : this.textLength);
  }

  /** What lies after an offset; null when there is nothing. */
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

/** A mark of byte order is text like any other: without `ignoreBOM` it would vanish. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

function asText(bytes: Uint8Array): Uint8Array {
  return encoder.encode(decoder.decode(bytes));
}

function startOfBoth(): Record<OutputForm, OutputPosition> {
  return { bytes: { stdout: 0, stderr: 0 }, text: { stdout: 0, stderr: 0 } };
}
