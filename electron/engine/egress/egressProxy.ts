import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { rawHttpAnswer } from '../lib';
import type { Certificates } from './certificates';
import { EgressRefusal, resolveDestination } from './destination';
import type { EgressClient } from './egressClient';
import type { StoredEgress } from './egressFile';
import { forward, forwardUpgrade, join, pinned, type Target } from './forwarding';
import { type Destination, matchesHost } from './hostMatch';
import { injectedHeaders } from './injection';

/** Destination of requests inside a CONNECT tunnel. */
interface Tunnel {
  token: Credentials;
  host: string;
  port: number;
  isTls: boolean;
}

interface Credentials {
  sandboxId: string;
  token: string;
}

/** The first byte of a TLS handshake (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
/** Milliseconds within which a client must send the first byte in a tunnel. */
const FIRST_BYTE_TIMEOUT_MS = 30_000;

/**
 * HTTP proxy for sandboxes with egress rules. It injects headers into matching requests and enforces
 * access lists. TLS is terminated only for hosts with injected headers; other tunnels pass unchanged.
 */
export class EgressProxy {
  /** Handles connections from sandboxes, which ProxyListeners accepts. */
  private readonly outer: Server;
  /** Handles requests inside tunnels to hosts with injected headers. */
  private readonly inner: Server;
  private readonly tunnels = new WeakMap<Socket, Tunnel>();
  private readonly sockets = new Set<Socket>();
  /** Open sockets by sandbox id. */
  private readonly bySandbox = new Map<string, Set<Socket>>();

  constructor(
    private readonly options: {
      find(sandboxId: string): EgressClient | null;
      certificates: Certificates;
      /** Trusted root certificates for upstream servers, in PEM form. */
      trusted: string[];
      onError(thrown: unknown): void;
    },
  ) {
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      void this.onRequest(request, response);
    // No request timeout: a body may stream for hours.
    this.outer = createServer({ requestTimeout: 0 }, onRequest);
    this.inner = createServer({ requestTimeout: 0 }, onRequest);
    for (const server of [this.outer, this.inner]) {
      server.on('upgrade', (request, socket, head) => {
        void this.onUpgrade(request, socket as Socket, head);
      });
      server.on('clientError', (_error, socket) => socket.destroy());
    }
    this.outer.on('connect', (request, socket, head) => {
      void this.onConnect(request, socket as Socket, head);
    });
  }

  accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.outer.emit('connection', socket);
  }

  /** Closes a sandbox's connections, which former rules allowed. */
  closeConnections(sandboxId: string): void {
    for (const socket of this.bySandbox.get(sandboxId) ?? []) socket.destroy();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { client, target } = await this.authorize(request);
      const headers = injectedHeaders(client, target);
      await forward(request, response, target, headers, this.options.trusted);
    } catch (thrown) {
      const { status, message } = this.describe(thrown);
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(status, headersOf(status));
      response.end(`${message}\n`);
    }
  }

  private async onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const { client, target } = await this.authorize(request);
      const headers = injectedHeaders(client, target);
      forwardUpgrade(request, socket, head, target, headers, this.options.trusted);
    } catch (thrown) {
      this.refuse(socket, thrown);
    }
  }

  private async onConnect(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const token = credentialsOf(request);
      const client = this.identify(token);
      this.track(token.sandboxId, socket);
      const { host, port } = splitAuthority(request.url ?? '');
      const destination = await resolveDestination(host, port, client.egress.access);
      if (hasHeadersFor(client.egress, destination)) {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        await this.openTunnel(socket, head, { token, host: destination.host, port });
        return;
      }
      const lookup = pinned(destination);
      const upstream = connect({
        ...{ host: destination.host, port, lookup },
        ...{ noDelay: true, allowHalfOpen: true },
      });
      upstream.once('error', () => {
        this.refuse(socket, new EgressRefusal(502, `${host}:${port} does not answer.`));
      });
      upstream.once('connect', () => {
        if (socket.destroyed) upstream.destroy();
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        join(socket, upstream);
      });
    } catch (thrown) {
      this.refuse(socket, thrown);
    }
  }

  /** Serves a tunnel with TLS or, as WebSocket clients use it, plain HTTP. */
  private async openTunnel(
    socket: Socket,
    head: Buffer,
    tunnel: Omit<Tunnel, 'isTls'>,
  ): Promise<void> {
    const secureContext = await this.options.certificates.contextFor(tunnel.host);
    const isTls = (head[0] ?? (await firstByte(socket))) === TLS_HANDSHAKE;
    if (head.length > 0) socket.unshift(head);
    const stream = isTls
      ? new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] })
      : socket;
    stream.on('error', () => socket.destroy());
    this.tunnels.set(stream, { ...tunnel, isTls });
    this.inner.emit('connection', stream);
    // Reading the first byte has paused the socket.
    if (!isTls) socket.resume();
  }

  /** Authenticates a request and checks its destination. @throws EgressRefusal, UnknownClient */
  private async authorize(
    request: IncomingMessage,
  ): Promise<{ client: EgressClient; target: Target }> {
    const tunnel = this.tunnels.get(request.socket);
    const client = this.identify(tunnel?.token ?? credentialsOf(request));
    const { access, sandboxId } = client.egress;
    // A TRACE response would reveal injected headers (RFC 9110, 9.3.8).
    if (request.method === 'TRACE') throw new EgressRefusal(405, 'TRACE is not allowed.');
    this.track(sandboxId, request.socket);
    if (tunnel) {
      // Checked for each request, since the rules may have changed.
      const destination = await resolveDestination(tunnel.host, tunnel.port, access);
      return { client, target: { ...destination, isTls: tunnel.isTls, path: request.url ?? '/' } };
    }
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') {
      throw new EgressRefusal(403, 'This proxy accepts http:// URLs and CONNECT only.');
    }
    const port = Number(url.port || 80);
    const destination = await resolveDestination(url.hostname, port, access);
    return { client, target: { ...destination, isTls: false, path: url.pathname + url.search } };
  }

  private track(sandboxId: string, socket: Socket): void {
    const sockets = this.bySandbox.get(sandboxId) ?? new Set();
    if (sockets.has(socket)) return;
    this.bySandbox.set(sandboxId, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.bySandbox.get(sandboxId) === sockets) {
        this.bySandbox.delete(sandboxId);
      }
    });
  }

  private identify({ sandboxId, token }: Credentials): EgressClient {
    const client = this.options.find(sandboxId);
    const expected = Buffer.from(client?.egress.token ?? '');
    const given = Buffer.from(token);
    const isSame = expected.length === given.length && timingSafeEqual(expected, given);
    if (client && isSame) return client;
    throw new UnknownClient();
  }

  private refuse(socket: Socket, thrown: unknown): void {
    const { status, message } = this.describe(thrown);
    socket.end(rawHttpAnswer(status, headersOf(status), `${message}\n`));
  }

  private describe(thrown: unknown): { status: number; message: string } {
    if (thrown instanceof EgressRefusal) return thrown;
    if (thrown instanceof UnknownClient) {
      return { status: 407, message: 'The proxy credentials are wrong. Each sandbox has its own.' };
    }
    this.options.onError(thrown);
    return { status: 502, message: 'The request could not be forwarded.' };
  }
}

/** Peeks at the first byte of a socket; undefined on a timeout or close. */
function firstByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    const finish = (chunk?: Buffer) => {
      clearTimeout(timer);
      socket.off('data', finish);
      socket.off('close', leave);
      if (chunk) socket.pause().unshift(chunk);
      else socket.destroy();
      resolve(chunk?.[0]);
    };
    const leave = () => finish();
    const timer = setTimeout(leave, FIRST_BYTE_TIMEOUT_MS);
    socket.on('data', finish);
    socket.once('close', leave);
  });
}

function headersOf(status: number): Record<string, string> {
  const type = { 'content-type': 'text/plain; charset=utf-8' };
  return status === 407 ? { ...type, 'proxy-authenticate': 'Basic realm="Sandglass"' } : type;
}

class UnknownClient extends Error {}

function credentialsOf({ headers }: IncomingMessage): Credentials {
  const encoded = /^Basic (.+)$/i.exec(headers['proxy-authorization'] ?? '')?.[1] ?? '';
  const [sandboxId = '', token = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { sandboxId, token };
}

/** Parses the `host:port` of a CONNECT request. @throws EgressRefusal */
function splitAuthority(authority: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(authority) ?? [];
  if (host && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new EgressRefusal(403, 'CONNECT requires a host and a port.');
}

function hasHeadersFor({ rules }: StoredEgress, destination: Destination): boolean {
  return rules.some(
    ({ enabled, headers, hosts }) =>
      enabled && headers.length > 0 && hosts.some((host) => matchesHost(host, destination)),
  );
}
