import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuse } from '../httpServer';
import { type WireError, wireError } from '../wire/errors';

/** What is at the other end of a client's WebSocket. */
export interface ApiSocket {
  /** The server goes: the client is to come back and go on. */
  leave(): void;
}

/** A kind of socket: its path below a sandbox, and what serves it. */
export interface SocketRoute {
  /** Below `/v2/sandboxes/{sandbox}`, as `/execute/ws`. */
  path: string;
  open(sandbox: string, socket: WebSocket): ApiSocket;
}

const socketPath = /^(?:\/api)?\/v2\/sandboxes\/([^/]+)(\/.+)$/;

/** A frame of a client, in bytes: input of a command or of a tunnel comes in pieces. */
const FRAME_LIMIT = 4 * 1024 ** 2;
/** A WebSocket whose other end is gone is noticed within twice this. Milliseconds. */
const PING_EVERY_MS = 15_000;

/** Whether the other end of a WebSocket is still there. */
class SocketLife {
  private isHeard = true;
  private taken = 0;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly stream: Duplex,
  ) {
    webSocket.on('pong', () => this.hear());
    webSocket.on('message', () => this.hear());
  }

  /**
   * Asked now and then: has it answered or taken anything since the last time? The pong of one that reads
   * slowly is behind all that it has not read; of one that we do not read ourselves none is seen.
   */
  isAlive(): boolean {
    const taken = this.stream instanceof Socket ? flushed(this.stream) : 0;
    const isAlive = this.isHeard || taken > this.taken || this.webSocket.isPaused;
    this.isHeard = false;
    this.taken = taken;
    return isAlive;
  }

  private hear(): void {
    this.isHeard = true;
  }
}

/** How many bytes the other end, or the system for it, has taken. */
function flushed(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

/** The WebSockets of the API: who may open one, and which are open. */
export class WebSockets {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: FRAME_LIMIT });
  private readonly open = new Set<ApiSocket>();
  private readonly lives = new WeakMap<WebSocket, SocketLife>();
  private readonly pinging: NodeJS.Timeout;

  constructor(
    private readonly routes: SocketRoute[],
    private readonly refusal: (request: IncomingMessage) => WireError | null,
  ) {
    this.pinging = setInterval(() => this.dropDead(), PING_EVERY_MS);
    this.pinging.unref();
  }

  serve(http: Server): void {
    http.on('upgrade', this.onUpgrade);
  }

  /** Closes what is open, so that the clients come back. */
  leaveAll(): void {
    for (const socket of this.open) socket.leave();
  }

  close(): void {
    clearInterval(this.pinging);
    this.leaveAll();
    this.server.close();
  }

  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until the WebSocket has it, nobody else hears of a client that is gone.
    socket.on('error', () => socket.destroy());
    const found = this.find(request.url?.split('?')[0] ?? '');
    const refusal = this.refusal(request);
    if (refusal || !found) {
      refuse(socket, refusal ?? wireError(404, 'NotFound', 'There is no such WebSocket.'));
      return;
    }
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const opened = found.route.open(found.sandbox, webSocket);
      this.open.add(opened);
      this.lives.set(webSocket, new SocketLife(webSocket, socket));
      webSocket.once('close', () => this.open.delete(opened));
    });
  };

  private find(url: string): { route: SocketRoute; sandbox: string } | null {
    const [, encoded = '', path] = socketPath.exec(url) ?? [];
    const route = this.routes.find((candidate) => candidate.path === path);
    const sandbox = decoded(encoded);
    return route && sandbox !== null ? { route, sandbox } : null;
  }

  private dropDead(): void {
    for (const socket of this.server.clients) {
      if (this.lives.get(socket)?.isAlive() === false) socket.terminate();
      else socket.ping();
    }
  }
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
