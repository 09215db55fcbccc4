/** A part of a command's output, where it lies in its stream. */
export interface OutputPart {
  stream: 'stdout' | 'stderr';
  /** Of its first byte, in bytes from the start of the stream. */
  offset: number;
  bytes: Uint8Array;
}

/** How far a reader has come in each stream, in bytes. */
export interface OutputPosition {
  stdout: number;
  stderr: number;
}

/**
 * What a command has said, in the order of its coming, for readers that come and go. It holds at most
 * so many bytes: the oldest are dropped for new ones.
 */
export class OutputLog {
  private readonly parts: OutputPart[] = [];
  private readonly ends: OutputPosition = { stdout: 0, stderr: 0 };
  private held = 0;
  /** The number of the first part that is held; numbers never start again. */
  private firstNumber = 0;

  constructor(private readonly mostBytes: number) {}

  /** The number that the next part gets. */
  get nextNumber(): number {
    return this.firstNumber + this.parts.length;
  }

  /** True when another part would drop one that a reader at this number has not read. */
  wouldDrop(number: number): boolean {
    return this.held >= this.mostBytes && number <= this.firstNumber;
  }

  append(stream: OutputPart['stream'], bytes: Uint8Array): void {
    this.parts.push({ stream, offset: this.ends[stream], bytes });
    this.ends[stream] += bytes.length;
    this.held += bytes.length;
    while (this.held > this.mostBytes && this.parts.length > 1) {
      this.held -= this.parts.shift()?.bytes.length ?? 0;
      this.firstNumber += 1;
    }
  }

  /** The number to read on from, for a reader that has everything before these offsets. */
  numberAt({ stdout, stderr }: OutputPosition): number {
    const wanted = { stdout, stderr };
    const index = this.parts.findIndex(
      ({ stream, offset, bytes }) => offset + bytes.length > wanted[stream],
    );
    return index < 0 ? this.nextNumber : this.firstNumber + index;
  }

  /** A part by its number, or the oldest that is left; null when there is none yet. */
  read(number: number): { part: OutputPart; number: number } | null {
    const at = Math.max(number, this.firstNumber);
    const part = this.parts[at - this.firstNumber];
    return part ? { part, number: at } : null;
  }
}
