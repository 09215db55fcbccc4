import {
  encodeFrame,
  type Frame,
  FrameReader,
  flags,
  frameTypes,
  goAwayCodes,
  ProtocolError,
} from './frames';
import { WINDOW_BYTES, YamuxStream } from './yamuxStream';

/** Concurrent streams of one client; further ones are reset. Each may buffer one window. */
const MAX_STREAMS = 256;

export interface YamuxTransport {
  send(bytes: Uint8Array, done?: (error?: Error | null) => void): void;
  /** Called on a protocol violation, after which the session is unusable. */
  fail(reason: string): void;
}

/** Server side of a yamux session: multiplexes a client's streams over one connection. */
export class YamuxSession {
  private readonly reader = new FrameReader(WINDOW_BYTES);
  private readonly streams = new Map<number, YamuxStream>();

  constructor(
    private readonly transport: YamuxTransport,
    private readonly onStream: (stream: YamuxStream) => void,
  ) {}

  /** Feeds received bytes, in chunks of any size. */
  receive(bytes: Buffer): void {
    try {
      for (const frame of this.reader.read(bytes)) this.onFrame(frame);
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.goAway(goAwayCodes.protocolError);
      this.transport.fail(thrown.message);
    }
  }

  /** Sends a go-away frame: the client must not open further streams. */
  goAway(code: number = goAwayCodes.normal): void {
    this.send({ type: frameTypes.goAway, flags: 0, streamId: 0, length: code });
  }

  /** Destroys all streams after the connection has closed. */
  close(): void {
    for (const stream of this.streams.values()) stream.destroy();
  }

  private onFrame(frame: Frame): void {
    if (frame.type === frameTypes.ping) {
      if (frame.flags & flags.syn) this.send({ ...frame, flags: flags.ack, payload: undefined });
    } else if (frame.type !== frameTypes.goAway) {
      const stream =
        frame.flags & flags.syn ? this.accept(frame) : this.streams.get(frame.streamId);
      // Frames for a stream that was reset are dropped.
      stream?.receive(frame);
    }
  }

  private accept({ streamId }: Frame): YamuxStream | null {
    // Client stream ids are odd (yamux spec, Stream ID).
    if (streamId % 2 === 0 || this.streams.has(streamId)) {
      throw new ProtocolError('The stream id is not available.');
    }
    if (this.streams.size >= MAX_STREAMS) {
      this.send({ type: frameTypes.windowUpdate, flags: flags.rst, streamId, length: 0 });
      return null;
    }
    const stream = new YamuxStream((frame, done) => this.send({ ...frame, streamId }, done));
    this.streams.set(streamId, stream);
    stream.once('close', () => this.streams.delete(streamId));
    // Errors are followed by `close`, which is handled above.
    stream.on('error', () => {});
    this.onStream(stream);
    return stream;
  }

  private send(
    frame: Parameters<typeof encodeFrame>[0],
    done?: (error?: Error | null) => void,
  ): void {
    this.transport.send(encodeFrame(frame), done);
  }
}
