import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates';
import { EgressRefusal, resolveDestination } from './destination';
import type { StoredEgress } from './egressFile';
import { forward, forwardUpgrade } from './forwarding';
import { type Destination, matchesHost } from './hostMatch';
import { injectedHeaders } from './injection';

/** A sandbox that is known by its token, as it is now. */
export interface EgressClient {
  egress: StoredEgress;
  unseal(sealed: string): string;
}

/** Where a request came in, when not by its own words: inside an opened TLS connection. */
interface Tunnel {
  token: Credentials;
  host: string;
  port: number;
}

interface Credentials {
  sandboxId: string;
  token: string;
}

type Target = Destination & { isTls: boolean; path: string };

/**
 * The way out of sandboxes that have rules: an HTTP proxy that adds headers to the requests that a rule
 * matches, and lets through what the access list has. TLS is opened only where a rule has headers for the
 * host; everything else passes as it is.
 */
export class EgressProxy {
  /** For connections that come from sandboxes; it listens nowhere by itself. */
  private readonly outer: Server;
  /** For requests inside of TLS that was opened. */
  private readonly inner: Server;
  private readonly tunnels = new WeakMap<Socket, Tunnel>();
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly options: {
      find(sandboxId: string): EgressClient | null;
      certificates: Certificates;
      /** Whom upstream servers are to be certified by; PEM. */
      trusted: string[];
      onError(thrown: unknown): void;
    },
  ) {
    this.outer = createServer((request, response) => void this.onRequest(request, response));
    this.inner = createServer((request, response) => void this.onRequest(request, response));
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
      if (status === 407) response.setHeader('proxy-authenticate', 'Basic realm="Sandglass"');
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
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
      const { host, port } = splitAuthority(request.url ?? '');
      const destination = await resolveDestination(host, port, client.egress.access);
      if (hasHeadersFor(client.egress, destination)) {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        await this.openTls(socket, head, { token, host: destination.host, port });
        return;
      }
      const upstream = connect({ host: destination.addresses[0], port, noDelay: true });
      upstream.once('error', () => {
        this.refuse(socket, new EgressRefusal(502, `${host}:${port} does not answer.`));
      });
      upstream.once('connect', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        // Each direction ends for itself.
        pipeline(socket, upstream, () => {});
        pipeline(upstream, socket, () => {});
      });
    } catch (thrown) {
      this.refuse(socket, thrown);
    }
  }

  private async openTls(socket: Socket, head: Buffer, tunnel: Tunnel): Promise<void> {
    const secureContext = await this.options.certificates.contextFor(tunnel.host);
    if (head.length > 0) socket.unshift(head);
    const opened = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: ['http/1.1'],
    });
    opened.on('error', () => socket.destroy());
    this.tunnels.set(opened, tunnel);
    this.inner.emit('connection', opened);
  }

  /** Who asks, and where the request goes. @throws EgressRefusal, Unknown */
  private async admit(request: IncomingMessage): Promise<{ client: EgressClient; target: Target }> {
    const tunnel = this.tunnels.get(request.socket);
    const client = this.identify(tunnel?.token ?? credentialsOf(request));
    const { access } = client.egress;
    if (tunnel) {
      // Asked again for each request: the rules may have changed since the connection was opened.
      const destination = await resolveDestination(tunnel.host, tunnel.port, access);
      return { client, target: { ...destination, isTls: true, path: request.url ?? '/' } };
    }
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') {
      throw new EgressRefusal(403, 'This proxy takes requests for http:// addresses, and CONNECT.');
    }
    const port = Number(url.port || 80);
    const destination = await resolveDestination(url.hostname, port, access);
    return { client, target: { ...destination, isTls: false, path: url.pathname + url.search } };
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
    const body = `${message}\n`;
    const authenticate = status === 407 ? 'Proxy-Authenticate: Basic realm="Sandglass"\r\n' : '';
    socket.end(
      `HTTP/1.1 ${status} Refused\r\n${authenticate}Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
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
