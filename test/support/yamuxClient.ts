import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';

/**
 * A minimal client of yamux over a WebSocket (github.com/hashicorp/yamux, spec.md), independent of the
 * product's server. Each stream has an inbox, and the test controls its window.
 */

const WINDOW = 256 * 1024;
const [DATA, WINDOW_UPDATE, PING, GO_AWAY] = [0, 1, 2, 3];
const [SYN, ACK, FIN, RST] = [1, 2, 4, 8];

export interface WireFrame {
  version?: number;
  type: number;
  flags: number;
  id: number;
  length: number;
  body?: Buffer;
}

export function packFrame({ version = 0, type, flags, id, length, body }: WireFrame): Buffer {
  const head = Buffer.alloc(12);
  head[0] = version;
  head[1] = type;
  head.writeUInt16BE(flags, 2);
  head.writeUInt32BE(id, 4);
  head.writeUInt32BE(length, 8);
  return body ? Buffer.concat([head, body]) : head;
}

export class YamuxClient extends EventEmitter {
  readonly streams = new Map<number, ClientStream>();
  readonly pongs: number[] = [];
  goneAway: number | null = null;
  private nextId = 1;
  private buffer = Buffer.alloc(0);

  private constructor(readonly socket: WebSocket) {
    super();
    this.setMaxListeners(0);
    socket.on('message', (data: Buffer) => this.take(data));
    socket.on('error', () => {});
  }

  static async connect(url: string, key: string): Promise<YamuxClient> {
    const socket = new WebSocket(url, { headers: { 'x-api-key': key } });
    const client = new YamuxClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Opens a stream to a port; the first byte in its inbox is the status. */
  async open(port: number, version = 1): Promise<ClientStream> {
    const stream = new ClientStream(this, this.nextId);
    this.nextId += 2;
    this.streams.set(stream.id, stream);
    this.send({ type: WINDOW_UPDATE, flags: SYN, id: stream.id, length: 0 });
    await stream.write(Buffer.from([version, port >> 8, port & 255]));
    return stream;
  }

  ping(value: number): void {
    this.send({ type: PING, flags: SYN, id: 0, length: value });
  }

  send(frame: WireFrame): void {
    this.socket.send(packFrame(frame));
  }

  private take(data: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, data]);
    while (this.buffer.length >= 12) {
      const [version, type] = this.buffer;
      const flags = this.buffer.readUInt16BE(2);
      const id = this.buffer.readUInt32BE(4);
      const length = this.buffer.readUInt32BE(8);
      const size = type === DATA ? length : 0;
      if (version !== 0) throw new Error('not version 0');
      if (this.buffer.length < 12 + size) return;
      const body = this.buffer.subarray(12, 12 + size);
      this.buffer = this.buffer.subarray(12 + size);
      if (type === PING && flags === ACK) this.pongs.push(length);
      else if (type === GO_AWAY) this.goneAway = length;
      else this.streams.get(id)?.take(type as number, flags, length, body);
      this.emit('frame');
    }
  }
}

export class ClientStream {
  readonly inbox: Buffer[] = [];
  received = 0;
  isAccepted = false;
  isEnded = false;
  isReset = false;
  /** Remaining receive window in bytes; it grows only when the test reads. */
  private theirWindow = WINDOW;
  private ourWindow = WINDOW;

  constructor(
    private readonly client: YamuxClient,
    readonly id: number,
  ) {}

  take(type: number, flags: number, length: number, body: Buffer): void {
    if (flags & ACK) this.isAccepted = true;
    if (flags & RST) this.isReset = true;
    if (type === WINDOW_UPDATE) this.ourWindow += length;
    if (body.length > 0) {
      this.theirWindow -= body.length;
      if (this.theirWindow < 0) throw new Error('The server sends past its window.');
      this.received += body.length;
      this.inbox.push(Buffer.from(body));
    }
    if (flags & FIN) this.isEnded = true;
  }

  /** Sends within the server's receive window. */
  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      await this.until(() => this.ourWindow > 0);
      if (this.isReset) throw new Error('reset');
      const body = bytes.subarray(at, at + Math.min(this.ourWindow, 32_768));
      this.ourWindow -= body.length;
      at += body.length;
      this.client.send({ type: DATA, flags: 0, id: this.id, length: body.length, body });
    }
  }

  /** Reads a number of bytes, or to the end, and opens the window by as much. */
  async read(size = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const taken: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      await this.until(() => this.inbox.length > 0 || this.isEnded);
      const chunk = this.inbox.shift();
      if (!chunk) {
        if (this.isReset) throw new Error('reset');
        break;
      }
      const part = chunk.subarray(0, missing);
      if (part.length < chunk.length) this.inbox.unshift(chunk.subarray(part.length));
      taken.push(part);
      missing -= part.length;
      this.theirWindow += part.length;
      this.client.send({ type: WINDOW_UPDATE, flags: 0, id: this.id, length: part.length });
    }
    return Buffer.concat(taken);
  }

  end(): void {
    this.client.send({ type: WINDOW_UPDATE, flags: FIN, id: this.id, length: 0 });
  }

  reset(): void {
    this.client.send({ type: WINDOW_UPDATE, flags: RST, id: this.id, length: 0 });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isReset) await once(this.client, 'frame');
  }
}
