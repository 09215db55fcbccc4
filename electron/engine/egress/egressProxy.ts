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

/** Where a request came in, when not by its own words: inside an opened TLS connection. */
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
/** Whoever opens a tunnel says something in it. Milliseconds. */
const FIRST_BYTE_MS = 30_000;

/**
 * The way out of sandboxes that have rules: an HTTP proxy that adds headers to the requests that a rule
 * matches, and lets through what the access list has. TLS is opened only where a rule has headers for the
 * host; everything else passes as it is.
 */
export class EgressProxy {
  /** For connections that come from sandboxes; it listens nowhere by itself. */
  private readonly outer: Server;
  /** For requests inside of tunnels to hosts that a rule has headers for. */
  private readonly inner: Server;
  private readonly tunnels = new WeakMap<Socket, Tunnel>();
  private readonly sockets = new Set<Socket>();
  /** Of these, what each sandbox has open. */
  private readonly bySandbox = new Map<string, Set<Socket>>();

  constructor(
    private readonly options: {
      find(sandboxId: string): EgressClient | null;
      certificates: Certificates;
      /** Whom upstream servers are to be certified by; PEM. */
      trusted: string[];
      onError(thrown: unknown): void;
    },
  ) {
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      void this.onRequest(request, response);
    // A body streams for as long as it does.
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

  /** Cuts what a sandbox has open: it was let through by what is no longer so. */
  cut(sandboxId: string): void {
    for (const socket of this.bySandbox.get(sandboxId) ?? []) socket.destroy();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { client, target } = await this.admit(request);
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
      const { client, target } = await this.admit(request);
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
      this.keep(token.sandboxId, socket);
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

  /** Most speak TLS in a tunnel; some ask for plain HTTP so, as WebSocket clients do. */
  private async openTunnel(
    socket: Socket,
    head: Buffer,
    tunnel: Omit<Tunnel, 'isTls'>,
  ): Promise<void> {
    const secureContext = await this.options.certificates.contextFor(tunnel.host);
    const isTls = (head[0] ?? (await firstByte(socket))) === TLS_HANDSHAKE;
    if (head.length > 0) socket.unshift(head);
    const opened = isTls
      ? new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] })
      : socket;
    opened.on('error', () => socket.destroy());
    this.tunnels.set(opened, { ...tunnel, isTls });
    this.inner.emit('connection', opened);
    // Waiting for its first byte has paused it.
    if (!isTls) socket.resume();
  }

  /** Who asks, and where the request goes. @throws EgressRefusal, Unknown */
  private async admit(request: IncomingMessage): Promise<{ client: EgressClient; target: Target }> {
    const tunnel = this.tunnels.get(request.socket);
    const client = this.identify(tunnel?.token ?? credentialsOf(request));
    const { access, sandboxId } = client.egress;
    // It asks the server to send back what it was sent: the headers of rules too.
    if (request.method === 'TRACE') throw new EgressRefusal(405, 'TRACE does not pass.');
    this.keep(sandboxId, request.socket);
    if (tunnel) {
      // Asked again for each request: the rules may have changed since the connection was opened.
      const destination = await resolveDestination(tunnel.host, tunnel.port, access);
      return { client, target: { ...destination, isTls: tunnel.isTls, path: request.url ?? '/' } };
    }
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') {
      throw new EgressRefusal(403, 'This proxy takes requests for http:// addresses, and CONNECT.');
    }
    const port = Number(url.port || 80);
    const destination = await resolveDestination(url.hostname, port, access);
    return { client, target: { ...destination, isTls: false, path: url.pathname + url.search } };
  }

  private keep(sandboxId: string, socket: Socket): void {
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
    const wanted = Buffer.from(client?.egress.token ?? '');
    const given = Buffer.from(token);
    const isSame = wanted.length === given.length && timingSafeEqual(wanted, given);
    if (client && isSame) return client;
    throw new Unknown();
  }

  private refuse(socket: Socket, thrown: unknown): void {
    const { status, message } = this.describe(thrown);
    socket.end(rawHttpAnswer(status, headersOf(status), `${message}\n`));
  }

  private describe(thrown: unknown): { status: number; message: string } {
    if (thrown instanceof EgressRefusal) return thrown;
    if (thrown instanceof Unknown) {
      return { status: 407, message: 'This proxy serves one sandbox at a time, by its own token.' };
    }
    this.options.onError(thrown);
    return { status: 502, message: 'The request could not be passed on.' };
  }
}

/** What comes first, left where it is; nothing where nothing comes. */
function firstByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk?: Buffer) => {
      clearTimeout(timer);
      socket.off('data', settle);
      socket.off('close', leave);
      if (chunk) socket.pause().unshift(chunk);
      else socket.destroy();
      resolve(chunk?.[0]);
    };
    const leave = () => settle();
    const timer = setTimeout(leave, FIRST_BYTE_MS);
    socket.on('data', settle);
    socket.once('close', leave);
  });
}

function headersOf(status: number): Record<string, string> {
  const type = { 'content-type': 'text/plain; charset=utf-8' };
  return status === 407 ? { ...type, 'proxy-authenticate': 'Basic realm="Sandglass"' } : type;
}

class Unknown extends Error {}

function credentialsOf({ headers }: IncomingMessage): Credentials {
  const encoded = /^Basic (.+)$/i.exec(headers['proxy-authorization'] ?? '')?.[1] ?? '';
  const [sandboxId = '', token = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { sandboxId, token };
}

/** `host:port` of a CONNECT. @throws EgressRefusal */
function splitAuthority(authority: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(authority) ?? [];
  if (host && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new EgressRefusal(403, 'A CONNECT names a host and a port.');
}

function hasHeadersFor({ rules }: StoredEgress, destination: Destination): boolean {
  return rules.some(
    ({ enabled, headers, hosts }) =>
      enabled && headers.length > 0 && hosts.some((host) => matchesHost(host, destination)),
  );
}
