/** The frames of yamux, version 0 (github.com/hashicorp/yamux, spec.md). */

export const frameTypes = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;
export const flags = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;
export const goAwayCodes = { normal: 0, protocolError: 1, internalError: 2 } as const;

const VERSION = 0;
/** version u8, type u8, flags u16, stream u32, length u32; big-endian. */
const HEADER_BYTES = 12;

export interface Frame {
  type: number;
  flags: number;
  streamId: number;
  /** Of the payload; of other frames than data a value: a window's growth, a ping's number, a code. */
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

/** Bytes that follow no such order. */
export class ProtocolError extends Error {}

/** Takes frames out of bytes that come in any pieces. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private held = 0;
  private header: Omit<Frame, 'payload'> | null = null;

  /** @param mostPayload what a data frame may carry: nobody is to make us hold more */
  constructor(private readonly mostPayload: number) {}

  /** @throws ProtocolError */
  *read(bytes: Buffer): Generator<Frame, void, void> {
    this.pieces.push(bytes);
    this.held += bytes.length;
    for (;;) {
      if (!this.header) {
        if (this.held < HEADER_BYTES) return;
        this.header = this.parse(this.take(HEADER_BYTES));
      }
      const size = this.header.type === frameTypes.data ? this.header.length : 0;
      if (this.held < size) return;
      const frame = { ...this.header, payload: this.take(size) };
      this.header = null;
      yield frame;
    }
  }

  private parse(bytes: Buffer): Omit<Frame, 'payload'> {
    const type = bytes.readUInt8(1);
    const length = bytes.readUInt32BE(8);
    if (bytes.readUInt8(0) !== VERSION) throw new ProtocolError('It is not yamux 0.');
    if (type > frameTypes.goAway) throw new ProtocolError('There is no such type of frame.');
    if (type === frameTypes.data && length > this.mostPayload) {
      throw new ProtocolError('A frame is larger than any window.');
    }
    return { type, flags: bytes.readUInt16BE(2), streamId: bytes.readUInt32BE(4), length };
  }

  private take(size: number): Buffer {
    const all = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
    const bytes = all ?? Buffer.alloc(0);
    this.held -= size;
    this.pieces = bytes.length > size ? [bytes.subarray(size)] : [];
    return bytes.subarray(0, size);
  }
}
