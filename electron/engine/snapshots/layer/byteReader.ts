/** Reads given numbers of bytes from a stream of chunks of any size. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private current: Buffer = Buffer.alloc(0);

  /** @param truncated creates the error for a stream that ends too early */
  constructor(
    stream: AsyncIterable<Buffer>,
    private readonly truncated: () => Error,
  ) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** Reads exactly `length` bytes. */
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

  /** Reads at least one byte and at most `max`, without a copy. */
  async some(max: number): Promise<Buffer> {
    if (this.current.length === 0 && !(await this.more())) throw this.truncated();
    return this.cut(Math.min(max, this.current.length));
  }

  /** Replaces the rest of the current chunk by the next one; false at the end of the stream. */
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
