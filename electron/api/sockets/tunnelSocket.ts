import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Engine } from '../../engine/engine';
import { YamuxSession } from '../tunnel/yamuxSession';
import type { YamuxStream } from '../tunnel/yamuxStream';
import type { ApiSocket } from './webSockets';

const VERSION = 1;
/** Version u8, port u16 big-endian: what a stream begins with. */
const REQUEST_BYTES = 3;
const statuses = { ok: 0, portNotAllowed: 1, dialFailed: 2, badVersion: 3 } as const;
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;

/** TCP connections to ports of a sandbox, many over one WebSocket: the Python client's tunnels. */
export class TunnelSocket implements ApiSocket {
  private readonly session: YamuxSession;

  constructor(
    private readonly sandglass: Pick<Engine, 'connections'>,
    private readonly sandbox: string,
    private readonly socket: WebSocket,
  ) {
    this.session = new YamuxSession(
      {
        // The callback comes when the system has taken it: a slow client makes its streams slow.
        send: (bytes, done) => socket.send(bytes, done ?? (() => {})),
        fail: (reason) => socket.close(PROTOCOL_ERROR, reason),
      },
      (stream) => void this.serve(stream),
    );
    socket.on('message', (data) => this.session.receive(toBuffer(data)));
    socket.once('close', () => this.session.close());
    // What an error means is told by the close that follows it.
    socket.on('error', () => {});
  }

  leave(): void {
    this.session.goAway();
    this.socket.close(GOING_AWAY, 'The server is restarting.');
  }

  private async serve(stream: YamuxStream): Promise<void> {
    const request = await readExactly(stream, REQUEST_BYTES);
    if (!request) return;
    const port = request.readUInt16BE(1);
    const inside = await this.dial(request.readUInt8(0), port);
    if (typeof inside === 'number') {
      stream.resume().end(Buffer.from([inside]));
    } else if (stream.destroyed) {
      inside.destroy();
    } else {
      stream.write(Buffer.from([statuses.ok]));
      join(stream, inside);
    }
  }

  private async dial(version: number, port: number): Promise<Duplex | number> {
    if (version !== VERSION) return statuses.badVersion;
    if (port === 0) return statuses.portNotAllowed;
    try {
      return await this.sandglass.connections.dial(this.sandbox, port);
    } catch {
      // The protocol has no words for why.
      return statuses.dialFailed;
    }
  }
}

/** Carries bytes both ways, and the end of each way on its own. */
function join(stream: Duplex, inside: Duplex): void {
  stream.pipe(inside).pipe(stream);
  // A service that hangs up says it by the end of what it sends; all else is a reset.
  inside.on('error', () => stream.destroy());
  inside.once('close', () => {
    if (inside.readableEnded) stream.resume();
    else stream.destroy();
  });
  stream.once('close', () => {
    if (!(stream.readableEnded && stream.writableFinished)) inside.destroy();
  });
}

/** Null when it ends before. */
async function readExactly(stream: Duplex, bytes: number): Promise<Buffer | null> {
  for (;;) {
    const found = stream.read(bytes) as Buffer | null;
    if (found) return found.length === bytes ? found : null;
    if (stream.readableEnded || stream.destroyed) return null;
    await new Promise<void>((resolve) => {
      const settle = () => {
        for (const event of ['readable', 'end', 'close']) stream.off(event, settle);
        resolve();
      };
      for (const event of ['readable', 'end', 'close']) stream.on(event, settle);
    });
  }
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
