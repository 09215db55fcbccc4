import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Engine } from '../../engine/engine';
import { YamuxSession } from '../tunnel/yamuxSession';
import type { YamuxStream } from '../tunnel/yamuxStream';
import type { ApiSocket } from './webSockets';

const PROTOCOL_VERSION = 1;
/** Header of a stream: version (u8), port (u16, big-endian). */
const HEADER_BYTES = 3;
const statuses = { ok: 0, portNotAllowed: 1, dialFailed: 2, badVersion: 3 } as const;
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;

/** Carries TCP connections to ports of a sandbox over one WebSocket (the Python SDK's tunnels). */
export class TunnelSocket implements ApiSocket {
  private readonly session: YamuxSession;

  constructor(
    private readonly sandglass: Pick<Engine, 'connections'>,
    private readonly sandbox: string,
    private readonly socket: WebSocket,
  ) {
    this.session = new YamuxSession(
      {
        // `done` is called when the kernel has accepted the data, which propagates back-pressure.
        send: (bytes, done) => socket.send(bytes, done ?? (() => {})),
        fail: (reason) => socket.close(PROTOCOL_ERROR, reason),
      },
      (stream) => void this.serve(stream),
    );
    socket.on('message', (data) => this.session.receive(toBuffer(data)));
    socket.once('close', () => this.session.close());
    // Errors are followed by `close`, which is handled above.
    socket.on('error', () => {});
  }

  disconnect(): void {
    this.session.goAway();
    this.socket.close(GOING_AWAY, 'The server is restarting.');
  }

  private async serve(stream: YamuxStream): Promise<void> {
    const request = await readExactly(stream, HEADER_BYTES);
    if (!request) return;
    const port = request.readUInt16BE(1);
    const connection = await this.dial(request.readUInt8(0), port);
    if (typeof connection === 'number') {
      stream.resume().end(Buffer.from([connection]));
    } else if (stream.destroyed) {
      connection.destroy();
    } else {
      stream.write(Buffer.from([statuses.ok]));
      join(stream, connection);
    }
  }

  private async dial(version: number, port: number): Promise<Duplex | number> {
    if (version !== PROTOCOL_VERSION) return statuses.badVersion;
    if (port === 0) return statuses.portNotAllowed;
    try {
      return await this.sandglass.connections.dial(this.sandbox, port);
    } catch {
      // The protocol has no field for a reason.
      return statuses.dialFailed;
    }
  }
}

/** Pipes both directions and propagates half-closes. */
function join(stream: Duplex, connection: Duplex): void {
  stream.pipe(connection).pipe(stream);
  // A clean close is signalled by the end of the readable side; anything else is a reset.
  connection.on('error', () => stream.destroy());
  connection.once('close', () => {
    if (connection.readableEnded) stream.resume();
    else stream.destroy();
  });
  stream.once('close', () => {
    if (!(stream.readableEnded && stream.writableFinished)) connection.destroy();
  });
}

/** Reads exactly `bytes`; null if the stream ends first. */
async function readExactly(stream: Duplex, bytes: number): Promise<Buffer | null> {
  for (;;) {
    const found = stream.read(bytes) as Buffer | null;
    if (found) return found.length === bytes ? found : null;
    if (stream.readableEnded || stream.destroyed) return null;
    await new Promise<void>((resolve) => {
      const finish = () => {
        for (const event of ['readable', 'end', 'close']) stream.off(event, finish);
        resolve();
      };
      for (const event of ['readable', 'end', 'close']) stream.on(event, finish);
    });
  }
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
