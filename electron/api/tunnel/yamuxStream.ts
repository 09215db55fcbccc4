import { Duplex } from 'node:stream';
import { type Frame, flags, frameTypes, ProtocolError } from './frames';

/** Initial window of each direction in bytes (yamux spec, Flow Control). */
export const WINDOW_BYTES = 256 * 1024;
/** Maximum payload of one frame in bytes, so that streams share the connection fairly. */
const MAX_FRAME_BYTES = 32 * 1024;

/** Sends a frame of a stream; `done` is called when the connection has accepted it. */
export type SendFrame = (
  frame: Pick<Frame, 'type' | 'flags' | 'length'> & { payload?: Uint8Array },
  done?: (error?: Error | null) => void,
) => void;

/** Stream of a yamux session, with flow control in both directions. */
export class YamuxStream extends Duplex {
  /** Remaining receive and send windows in bytes. */
  private receiveWindow = WINDOW_BYTES;
  private sendWindow = WINDOW_BYTES;
  private onWindow: (() => void) | null = null;
  private isReset = false;

  constructor(private readonly sendFrame: SendFrame) {
    super({ allowHalfOpen: true, readableHighWaterMark: WINDOW_BYTES });
    this.sendFrame({ type: frameTypes.windowUpdate, flags: flags.ack, length: 0 });
  }

  /** Handles a frame from the peer. @throws ProtocolError if it exceeds the receive window */
  receive(frame: Frame): void {
    if (frame.flags & flags.rst) {
      this.isReset = true;
      this.destroy(new Error('The peer has reset the stream.'));
      return;
    }
    if (frame.type === frameTypes.windowUpdate) {
      this.sendWindow += frame.length;
      this.onWindow?.();
    } else if (frame.length > 0) {
      this.receiveWindow -= frame.length;
      if (this.receiveWindow < 0) throw new ProtocolError('The peer exceeds its window.');
      if (!this.readableEnded && !this.destroyed) this.push(frame.payload);
      this.openWindow();
    }
    if (frame.flags & flags.fin && !this.readableEnded && !this.destroyed) this.push(null);
  }

  // Flow control is by window updates, sent as buffered data is read.
  override _read(): void {}

  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.openWindow();
    return chunk;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const size = Math.min(chunk.length, this.sendWindow, MAX_FRAME_BYTES);
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

  /**
   * Sends a window update once half the window has been consumed: one per read would be wasteful.
   */
  private openWindow(): void {
    const grown = WINDOW_BYTES - this.readableLength - this.receiveWindow;
    if (grown < WINDOW_BYTES / 2 || this.destroyed) return;
    this.receiveWindow += grown;
    this.sendFrame({ type: frameTypes.windowUpdate, flags: 0, length: grown });
  }
}
