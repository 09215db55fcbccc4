import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A close frame of a WebSocket with the code 1001, "going away" (RFC 6455, 5.5.1). */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

export interface Cut {
  /** After so many bytes of the server's answer, its handshake not counted. */
  afterBytes: number;
  /** Broken off, or closed by the book as by a server that restarts. */
  how: 'abrupt' | 'going away';
}

/**
 * A TCP proxy before a server, which cuts WebSockets: each one as `nextCut` says, and no longer when that
 * is null. Other connections pass.
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

/** Follows the frames of a server, to know where the handshake and where each frame ends. */
class FrameWatch {
  private head = Buffer.alloc(0);
  private isOpen = false;
  private framesSeen = 0;
  private bytes = 0;
  /** Of the frame under way. */
  private left = 0;

  /** Where in these bytes to cut; null for not here. The first frame (`started`) always passes. */
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

/** The payload's length, once the head is whole; a server masks nothing. */
function frameSize(head: Buffer): number | null {
  const short = (head[1] ?? 0) & 0x7f;
  if (head.length === 2 && short < 126) return short;
  if (head.length === 4 && short === 126) return head.readUInt16BE(2);
  if (head.length === 10 && short === 127) return Number(head.readBigUInt64BE(2));
  return null;
}
