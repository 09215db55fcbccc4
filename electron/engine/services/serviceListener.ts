import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createProxyServer, proxyUpgrade } from 'httpxy';
import { type Dial, DialAgent } from './dialAgent';
import { embedPage, embedPageHeaders } from './embedPage';
import { type Refusal, refuse, refuseUpgrade, unreachable } from './refusals';
import { ServiceGate, stripTokens } from './serviceGate';
import type { ServiceToken, ServiceTokens } from './serviceTokens';

/** Milliseconds within which a client must send its headers. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Milliseconds that a connection into the sandbox is kept for its next request, less than services do. */
const KEEP_ALIVE_MS = 2000;
/** Paths on the service's origin that the gate handles. */
const AUTH_PATH = '/_svc/auth';
const EMBED_PATH = '/_svc/embed';
/** Maximum size of the form with the token and the path. Bytes. */
const MAX_FORM_BYTES = 8192;
/** Placeholder address: `dial` opens the connections, and the client's `Host` header is kept. */
const TARGET = 'http://127.0.0.1';

/** Serves one port of one sandbox at an HTTP origin of the host, protected by tokens. */
export class ServiceListener {
  private readonly gate: ServiceGate;
  private readonly agent: DialAgent;
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly proxy = createProxyServer();
  private readonly passed = new WeakMap<IncomingMessage, ServiceToken>();
  private readonly upgraded = new Set<Duplex>();

  constructor(
    tokens: ServiceTokens,
    private readonly dial: Dial,
  ) {
    this.gate = new ServiceGate(tokens);
    this.agent = new DialAgent(dial, { keepAlive: true, timeout: KEEP_ALIVE_MS });
    this.server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.server.requestTimeout = 0;
    this.server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    this.proxy.on('proxyRes', (answer, request) => {
      const token = this.passed.get(request);
      if (token) restrictFrames(answer, token);
    });
  }

  /** Listens on 127.0.0.1, on the preferred port if it is free. Returns the port. */
  async listen(preferredPort: number): Promise<number> {
    try {
      this.server.listen(preferredPort, '127.0.0.1');
      await once(this.server, 'listening');
    } catch (thrown) {
      if (preferredPort === 0) throw thrown;
      return await this.listen(0);
    }
    return (this.server.address() as AddressInfo).port;
  }

  /** Stops listening and closes all connections. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    for (const socket of this.upgraded) socket.destroy();
    this.agent.destroy();
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.answer(request, response).catch((thrown: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, unreachable(thrown));
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === AUTH_PATH) {
      const refusal = await this.admit(request, response);
      if (refusal) refuse(response, refusal);
      return;
    }
    if (path === EMBED_PATH) {
      response.writeHead(200, embedPageHeaders).end(embedPage);
      return;
    }
    const verdict = this.gate.authenticate(request);
    if ('refusal' in verdict) {
      refuse(response, verdict.refusal);
      return;
    }
    stripTokens(request);
    this.passed.set(request, verdict.token);
    // Without a timeout: a service may compute or stream for hours.
    await this.proxy.web(request, response, { target: TARGET, agent: this.agent, proxyTimeout: 0 });
  }

  /** Takes the token from the URL or, for the embed page, from a form. */
  private async admit(request: IncomingMessage, response: ServerResponse): Promise<Refusal | null> {
    const isForm = request.method === 'POST';
    if (isForm && Number(request.headers['content-length'] ?? Infinity) > MAX_FORM_BYTES) {
      return { status: 413, error: 'TooLarge', message: 'The form is too large.' };
    }
    const given = isForm
      ? new URLSearchParams(await text(request))
      : new URL(request.url ?? '', TARGET).searchParams;
    const token = given.get('token') ?? '';
    return this.gate.admit(request, { token, redirect: given.get('redirect') }, response);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Without a listener, a disconnected client would raise an uncaught error.
    socket.on('error', () => socket.destroy());
    this.upgraded.add(socket);
    socket.once('close', () => this.upgraded.delete(socket));
    const verdict = this.gate.authenticate(request);
    if ('refusal' in verdict) {
      refuseUpgrade(socket, verdict.refusal);
      return;
    }
    stripTokens(request);
    let inside: Duplex;
    try {
      inside = await this.dial();
    } catch (thrown) {
      refuseUpgrade(socket, unreachable(thrown));
      return;
    }
    socket.once('close', () => inside.destroy());
    inside.once('close', () => socket.destroy());
    if (socket.destroyed) inside.destroy();
    const agent = new DialAgent(() => Promise.resolve(inside));
    // A service that refuses the upgrade has sent its own response.
    await proxyUpgrade(TARGET, request, socket, head, { agent, xfwd: false }).catch(() => {});
  }
}

/** Adds a Content-Security-Policy to the service's own: browsers enforce all of them. */
function restrictFrames(answer: IncomingMessage, { embedOrigins }: ServiceToken): void {
  const { headers } = answer;
  const policy = `frame-ancestors ${["'self'", ...embedOrigins].join(' ')}`;
  const own = headers['content-security-policy'];
  headers['content-security-policy'] = own ? `${own}, ${policy}` : policy;
}
