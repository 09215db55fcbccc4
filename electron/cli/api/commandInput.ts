/** Bytes of unacknowledged input before the writer has to wait. */
const WINDOW_BYTES = 1024 ** 2;
/** Bytes of input per frame. */
const CHUNK_BYTES = 64 * 1024;

/** Part of a command's input, with the offset of its first byte in the whole input. */
export interface InputChunk {
  offset: number;
  bytes: Uint8Array;
}

/** Input of a command that the server has not acknowledged, kept to send it again on reconnection. */
export class CommandInput {
  private readonly unacknowledged: InputChunk[] = [];
  private unacknowledgedBytes = 0;
  private end = 0;
  private onRoom: Array<() => void> = [];
  private isClosed = false;

  constructor(private readonly send: (chunk: InputChunk) => void) {}

  /** Sends bytes as chunks. Resolves when there is room for more, or when the command has ended. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isClosed; at += CHUNK_BYTES) {
      const chunk = { offset: this.end, bytes: bytes.subarray(at, at + CHUNK_BYTES) };
      this.end += chunk.bytes.length;
      this.unacknowledged.push(chunk);
      this.unacknowledgedBytes += chunk.bytes.length;
      this.send(chunk);
      while (this.unacknowledgedBytes >= WINDOW_BYTES && !this.isClosed) {
        await new Promise<void>((resolve) => this.onRoom.push(resolve));
      }
    }
  }

  /** Forgets the input up to an offset, which the server has written to the command. */
  acknowledge(offset: number): void {
    for (;;) {
      const [oldest] = this.unacknowledged;
      if (!oldest || oldest.offset + oldest.bytes.length > offset) break;
      this.unacknowledged.shift();
      this.unacknowledgedBytes -= oldest.bytes.length;
    }
    this.wakeWriters();
  }

  /** Sends unacknowledged input again. The server skips duplicates by their offset. */
  resend(): void {
    for (const chunk of this.unacknowledged) this.send(chunk);
  }

  /** The command has ended: releases waiting writers. */
  close(): void {
    this.isClosed = true;
    this.wakeWriters();
  }

  private wakeWriters(): void {
    for (const resolve of this.onRoom.splice(0)) resolve();
  }
}
