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

/** Streams of one client at a time; more are reset. Each may have a window of bytes in memory. */
const MOST_STREAMS = 256;

export interface YamuxTransport {
  send(bytes: Uint8Array, done?: (error?: Error | null) => void): void;
  /** The other side does not keep to the protocol: nothing that it says makes sense any more. */
  fail(reason: string): void;
}

/** The server's side of yamux: many streams of a client over one connection. */
export class YamuxSession {
  private readonly reader = new FrameReader(WINDOW_BYTES);
  private readonly streams = new Map<number, YamuxStream>();

  constructor(
    private readonly transport: YamuxTransport,
    private readonly onStream: (stream: YamuxStream) => void,
  ) {}

  /** Takes bytes of the client, in whatever pieces. */
  receive(bytes: Buffer): void {
    try {
      for (const frame of this.reader.read(bytes)) this.onFrame(frame);
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.goAway(goAwayCodes.protocolError);
      this.transport.fail(thrown.message);
    }
  }

  /** Tells the client that no more streams are taken. */
  goAway(code: number = goAwayCodes.normal): void {
    this.send({ type: frameTypes.goAway, flags: 0, streamId: 0, length: code });
  }

  /** The connection is gone, and all streams with it. */
  close(): void {
    for (const stream of this.streams.values()) stream.destroy();
  }

  private onFrame(frame: Frame): void {
    if (frame.type === frameTypes.ping) {
      if (frame.flags & flags.syn) this.send({ ...frame, flags: flags.ack, payload: undefined });
    } else if (frame.type !== frameTypes.goAway) {
      const stream =
        frame.flags & flags.syn ? this.accept(frame) : this.streams.get(frame.streamId);
      // What still comes for one that was reset is dropped.
      stream?.receive(frame);
    }
  }

  private accept({ streamId }: Frame): YamuxStream | null {
    // A client's streams have odd numbers.
    if (streamId % 2 === 0 || this.streams.has(streamId)) {
      throw new ProtocolError('The number of the stream is not free.');
    }
    if (this.streams.size >= MOST_STREAMS) {
      this.send({ type: frameTypes.windowUpdate, flags: flags.rst, streamId, length: 0 });
      return null;
    }
    const stream = new YamuxStream((frame, done) => this.send({ ...frame, streamId }, done));
    this.streams.set(streamId, stream);
    stream.once('close', () => this.streams.delete(streamId));
    // What an error means is told by the close that follows it.
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
