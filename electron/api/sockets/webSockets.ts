import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuse } from '../httpServer';
import { type WireError, wireError } from '../wire/errors';
import { API_PATH, canonicalUrl } from '../wire/paths';

/** Server side of one open WebSocket. */
export interface ApiSocket {
  /** Closes the socket because the server restarts: the client should reconnect and resume. */
  disconnect(): void;
}

/** WebSocket endpoint below the path of a sandbox. */
export interface SocketRoute {
  /** Path below `/v2/sandboxes/{sandbox}`, e.g. `/execute/ws`. */
  path: string;
  open(sandbox: string, socket: WebSocket): ApiSocket;
}

const socketPath = new RegExp(`^${API_PATH}/([^/]+)(/.+)$`);

/** Maximum size of a client frame. Bytes. */
const FRAME_LIMIT = 4 * 1024 ** 2;
/** Milliseconds between pings. A dead peer is detected within twice this time. */
const PING_INTERVAL_MS = 15_000;

/** Detects dead peers of a WebSocket. */
class PeerLiveness {
  private hasReceived = true;
  private flushedBytes = 0;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly stream: Duplex,
  ) {
    webSocket.on('pong', () => this.onReceived());
    webSocket.on('message', () => this.onReceived());
  }

  /**
   * True if the peer has sent a frame or accepted data since the last call. A pong alone is not
   * enough: a slow reader's pong is queued behind its unread data, and pongs are not seen while the
   * socket is paused.
   */
  isAlive(): boolean {
    const flushedBytes = this.stream instanceof Socket ? flushed(this.stream) : 0;
    const isAlive = this.hasReceived || flushedBytes > this.flushedBytes || this.webSocket.isPaused;
    this.hasReceived = false;
    this.flushedBytes = flushedBytes;
    return isAlive;
  }

  private onReceived(): void {
    this.hasReceived = true;
  }
}

/** Bytes accepted by the peer or by the kernel on its behalf. */
function flushed(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

/** Accepts and tracks the WebSockets of the API. */
export class WebSockets {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: FRAME_LIMIT });
  private readonly open = new Set<ApiSocket>();
  private readonly liveness = new WeakMap<WebSocket, PeerLiveness>();
  private readonly pingTimer: NodeJS.Timeout;

  constructor(
    private readonly routes: SocketRoute[],
    private readonly refusal: (request: IncomingMessage) => WireError | null,
  ) {
    this.pingTimer = setInterval(() => this.terminateDeadPeers(), PING_INTERVAL_MS);
    this.pingTimer.unref();
  }

  serve(http: Server): void {
    http.on('upgrade', this.onUpgrade);
  }

  /** Closes every open WebSocket so that clients reconnect. */
  disconnectAll(): void {
    for (const socket of this.open) socket.disconnect();
  }

  close(): void {
    clearInterval(this.pingTimer);
    this.disconnectAll();
    this.server.close();
  }

  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until the WebSocket takes over, no other listener handles a socket error.
    socket.on('error', () => socket.destroy());
    const found = this.find(canonicalUrl(request.url ?? '').split('?')[0] ?? '');
    const refusal = this.refusal(request);
    if (refusal || !found) {
      refuse(socket, refusal ?? wireError(404, 'NotFound', 'No such WebSocket endpoint.'));
      return;
    }
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const opened = found.route.open(found.sandbox, webSocket);
      this.open.add(opened);
      this.liveness.set(webSocket, new PeerLiveness(webSocket, socket));
      webSocket.once('close', () => this.open.delete(opened));
    });
  };

  private find(url: string): { route: SocketRoute; sandbox: string } | null {
    const [, encoded = '', path] = socketPath.exec(url) ?? [];
    const route = this.routes.find((candidate) => candidate.path === path);
    const sandbox = decoded(encoded);
    return route && sandbox !== null ? { route, sandbox } : null;
  }

  private terminateDeadPeers(): void {
    for (const socket of this.server.clients) {
      if (this.liveness.get(socket)?.isAlive() === false) socket.terminate();
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
