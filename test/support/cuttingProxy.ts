import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A close frame of a WebSocket with the code 1001, "going away" (RFC 6455, 5.5.1). */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

export interface Cut {
  /** Bytes of the server's response after the handshake, before the cut. */
  afterBytes: number;
  /** Resets the connection, or closes it with a close frame as a restarting server does. */
  how: 'abrupt' | 'going away';
}

/**
 * Starts a TCP proxy that cuts the server's WebSockets: each as the result of `nextCut`, none if that is
 * null. Forwards other connections.
 */
export async function startCuttingProxy(
  port: number,
  nextCut: () => Cut | null,
): Promise<{ address: string; cuts(): number }> {
  let cuts = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.pipe(upstream);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('close', end);
    client.once('data', (request) => {
      const isSocket = /^GET [^ ]+\/execute\/ws /.test(request.toString('latin1'));
      const cut = isSocket ? nextCut() : null;
      if (!cut) {
        upstream.pipe(client);
        return;
      }
      upstream.on('close', () => client.end());
      const frames = new FrameWatch();
      upstream.on('data', (data) => {
        const at = frames.feed(data, cut);
        if (at === null) {
          client.write(data);
          return;
        }
        cuts += 1;
        client.unpipe(upstream);
        upstream.removeAllListeners('data').destroy();
        if (cut.how === 'going away') client.end(Buffer.concat([data.subarray(0, at), GOING_AWAY]));
        else client.write(data.subarray(0, at), () => client.resetAndDestroy());
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The proxy has no port.');
  return { address: `http://127.0.0.1:${address.port}`, cuts: () => cuts };
}

/** Parses a server's frames to find the ends of the handshake and of each frame. */
class FrameWatch {
  private head = Buffer.alloc(0);
  private isOpen = false;
  private framesSeen = 0;
  private bytes = 0;
  /** Remaining bytes of the current frame. */
  private left = 0;

  /** Offset of the cut in these bytes, or null. The first frame (`started`) always passes. */
  feed(data: Buffer, { afterBytes, how }: Cut): number | null {
    for (let at = 0; at < data.length; at += 1) {
      const isDue = this.framesSeen > 0 && this.bytes >= afterBytes;
      const isBetween = this.left === 0 && this.head.length === 0;
      if (isDue && (how === 'abrupt' || isBetween)) return at;
      this.step(data[at] ?? 0);
    }
    return null;
  }

  private step(byte: number): void {
    if (!this.isOpen) {
      this.head = Buffer.concat([this.head.subarray(-3), Buffer.of(byte)]);
      if (this.head.toString('latin1') !== '\r\n\r\n') return;
      this.isOpen = true;
      this.head = Buffer.alloc(0);
      return;
    }
    this.bytes += 1;
    if (this.left > 0) {
      this.left -= 1;
      if (this.left === 0) this.framesSeen += 1;
      return;
    }
    this.head = Buffer.concat([this.head, Buffer.of(byte)]);
    const size = frameSize(this.head);
    if (size === null) return;
    this.left = size;
    this.head = Buffer.alloc(0);
    if (size === 0) this.framesSeen += 1;
  }
}

/** Payload length, once the header is complete; servers do not mask (RFC 6455, 5.1). */
function frameSize(head: Buffer): number | null {
  const short = (head[1] ?? 0) & 0x7f;
  if (head.length === 2 && short < 126) return short;
  if (head.length === 4 && short === 126) return head.readUInt16BE(2);
  if (head.length === 10 && short === 127) return Number(head.readBigUInt64BE(2));
  return null;
}
