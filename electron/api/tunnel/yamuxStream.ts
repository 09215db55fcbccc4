import { Duplex } from 'node:stream';
import { type Frame, flags, frameTypes, ProtocolError } from './frames';

/** Each side may send so much before the other one has taken any. Bytes; the protocol's own. */
export const WINDOW_BYTES = 256 * 1024;
/** Streams share one connection: none holds it for longer than this takes. Bytes. */
const PIECE_BYTES = 32 * 1024;

/** How a stream sends frames of its own; `done` when the connection has taken it. */
export type SendFrame = (
  frame: Pick<Frame, 'type' | 'flags' | 'length'> & { payload?: Uint8Array },
  done?: (error?: Error | null) => void,
) => void;

/** One stream of a yamux session: it reads and writes as fast as the other side takes. */
export class YamuxStream extends Duplex {
  /** What the other side may still send, and what we may. */
  private receiveWindow = WINDOW_BYTES;
  private sendWindow = WINDOW_BYTES;
  private onWindow: (() => void) | null = null;
  private isReset = false;

  constructor(private readonly sendFrame: SendFrame) {
    super({ allowHalfOpen: true, readableHighWaterMark: WINDOW_BYTES });
    this.sendFrame({ type: frameTypes.windowUpdate, flags: flags.ack, length: 0 });
  }

  /** Takes a frame of the other side. @throws ProtocolError when it does not keep to its window */
  receive(frame: Frame): void {
    if (frame.flags & flags.rst) {
      this.isReset = true;
      this.destroy(new Error('The other side has reset the stream.'));
      return;
    }
    if (frame.type === frameTypes.windowUpdate) {
      this.sendWindow += frame.length;
      this.onWindow?.();
    } else if (frame.length > 0) {
      this.receiveWindow -= frame.length;
      if (this.receiveWindow < 0) throw new ProtocolError('It sends more than its window.');
      if (!this.readableEnded && !this.destroyed) this.push(frame.payload);
      this.openWindow();
    }
    if (frame.flags & flags.fin && !this.readableEnded && !this.destroyed) this.push(null);
  }

  // What is wanted is told by the window, as what was held is read.
  override _read(): void {}

  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.openWindow();
    return chunk;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const size = Math.min(chunk.length, this.sendWindow, PIECE_BYTES);
    if (size === 0 && chunk.length > 0) {
      this.onWindow = () => {
        this.onWindow = null;
        this._write(chunk, _encoding, done);
      };
      return;
    }
    this.sendWindow -= size;
    const payload = chunk.subarray(0, size);
    this.sendFrame({ type: frameTypes.data, flags: 0, length: size, payload }, (error) => {
      if (error || size === chunk.length) done(error);
      else this._write(chunk.subarray(size), _encoding, done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.sendFrame({ type: frameTypes.windowUpdate, flags: flags.fin, length: 0 }, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.onWindow = null;
    const isOver = this.readableEnded && this.writableFinished;
    if (!isOver && !this.isReset) {
      this.sendFrame({ type: frameTypes.windowUpdate, flags: flags.rst, length: 0 });
    }
    done(error);
  }

  /** Lets more come once half of the window has been read: a frame for each read would be many. */
  private openWindow(): void {
    const grown = WINDOW_BYTES - this.readableLength - this.receiveWindow;
    if (grown < WINDOW_BYTES / 2 || this.destroyed) return;
    this.receiveWindow += grown;
    this.sendFrame({ type: frameTypes.windowUpdate, flags: 0, length: grown });
  }
}
