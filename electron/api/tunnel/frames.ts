/** Frames of yamux, version 0 (https://github.com/hashicorp/yamux/blob/master/spec.md). */

export const frameTypes = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;
export const flags = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;
export const goAwayCodes = { normal: 0, protocolError: 1, internalError: 2 } as const;

const VERSION = 0;
/**
 * Size of the header: version (u8), type (u8), flags (u16), stream id (u32), length (u32);
 * big-endian.
 */
const HEADER_BYTES = 12;

export interface Frame {
  type: number;
  flags: number;
  streamId: number;
  /**
   * Payload length in bytes; for other frame types a value: window delta, ping id or go-away code.
   */
  length: number;
  payload: Buffer;
}

export function encodeFrame(
  frame: Pick<Frame, 'type' | 'flags' | 'streamId' | 'length'> & { payload?: Uint8Array },
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(frame.type, 1);
  header.writeUInt16BE(frame.flags, 2);
  header.writeUInt32BE(frame.streamId, 4);
  header.writeUInt32BE(frame.length, 8);
  return frame.payload ? Buffer.concat([header, frame.payload]) : header;
}

/** The peer violates the yamux protocol. */
export class ProtocolError extends Error {}

/** Incremental frame parser. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;
  private header: Omit<Frame, 'payload'> | null = null;

  /** @param maxPayload bytes a data frame may carry, which bounds memory */
  constructor(private readonly maxPayload: number) {}

  /** Yields the frames that `bytes` completes. @throws ProtocolError */
  *read(bytes: Buffer): Generator<Frame, void, void> {
    this.chunks.push(bytes);
    this.bufferedBytes += bytes.length;
    for (;;) {
      if (!this.header) {
        if (this.bufferedBytes < HEADER_BYTES) return;
        this.header = this.parse(this.take(HEADER_BYTES));
      }
      const size = this.header.type === frameTypes.data ? this.header.length : 0;
      if (this.bufferedBytes < size) return;
      const frame = { ...this.header, payload: this.take(size) };
      this.header = null;
      yield frame;
    }
  }

  private parse(bytes: Buffer): Omit<Frame, 'payload'> {
    const type = bytes.readUInt8(1);
    const length = bytes.readUInt32BE(8);
    if (bytes.readUInt8(0) !== VERSION) throw new ProtocolError('Unsupported yamux version.');
    if (type > frameTypes.goAway) throw new ProtocolError('Unknown frame type.');
    if (type === frameTypes.data && length > this.maxPayload) {
      throw new ProtocolError('A frame exceeds the window.');
    }
    return { type, flags: bytes.readUInt16BE(2), streamId: bytes.readUInt32BE(4), length };
  }

  private take(size: number): Buffer {
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const bytes = all ?? Buffer.alloc(0);
    this.bufferedBytes -= size;
    this.chunks = bytes.length > size ? [bytes.subarray(size)] : [];
    return bytes.subarray(0, size);
  }
}
