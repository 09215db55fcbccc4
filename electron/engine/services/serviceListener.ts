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

/** A client must have sent its headers by then. Milliseconds. */
const HEADERS_TIMEOUT_MS = 15_000;
/** A connection into the sandbox waits this long for its next request: less than services do. */
const KEPT_CONNECTION_MS = 2000;
/** Paths of ours on the service's origin. */
const AUTH_PATH = '/_svc/auth';
const EMBED_PATH = '/_svc/embed';
/** A token and a path, as a form. Bytes. */
const FORM_LIMIT = 8192;
/** The connection is the dialler's, whatever it is asked for; the `Host` is the client's. */
const TARGET = 'http://127.0.0.1';

/** One port of one sandbox as an HTTP origin of this computer, for whoever has a token. */
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
    this.agent = new DialAgent(dial, { keepAlive: true, timeout: KEPT_CONNECTION_MS });
    this.server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.server.requestTimeout = 0;
    this.server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    this.proxy.on('proxyRes', (answer, request) => {
      const token = this.passed.get(request);
      if (token) restrictFrames(answer, token);
    });
  }

  /** Listens on 127.0.0.1, at the port that is wanted if it is free. Returns the port. */
  async listen(wantedPort: number): Promise<number> {
    try {
      this.server.listen(wantedPort, '127.0.0.1');
      await once(this.server, 'listening');
    } catch (thrown) {
      if (wantedPort === 0) throw thrown;
      return await this.listen(0);
    }
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts everything that has passed. */
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
    const verdict = this.gate.judge(request);
    if ('refusal' in verdict) {
      refuse(response, verdict.refusal);
      return;
    }
    stripTokens(request);
    this.passed.set(request, verdict.token);
    // As long as it takes: a service may think or stream for hours.
    await this.proxy.web(request, response, { target: TARGET, agent: this.agent, proxyTimeout: 0 });
  }

  /** The token comes in the address, or from the embed page in a form. */
  private async admit(request: IncomingMessage, response: ServerResponse): Promise<Refusal | null> {
    const isForm = request.method === 'POST';
    if (isForm && Number(request.headers['content-length'] ?? Infinity) > FORM_LIMIT) {
      return { status: 413, error: 'TooLarge', message: 'The form is too large.' };
    }
    const given = isForm
      ? new URLSearchParams(await text(request))
      : new URL(request.url ?? '', TARGET).searchParams;
    const token = given.get('token') ?? '';
    return this.gate.admit(request, { token, redirect: given.get('redirect') }, response);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until somebody else has it, nobody hears of a client that is gone.
    socket.on('error', () => socket.destroy());
    this.upgraded.add(socket);
    socket.once('close', () => this.upgraded.delete(socket));
    const verdict = this.gate.judge(request);
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
    // A service that wants no WebSocket has answered so itself.
    await proxyUpgrade(TARGET, request, socket, head, { agent, xfwd: false }).catch(() => {});
  }
}

/** Adds a policy to those of the service: browsers keep to all of them. */
function restrictFrames(answer: IncomingMessage, { embedOrigins }: ServiceToken): void {
  const { headers } = answer;
  const policy = `frame-ancestors ${["'self'", ...embedOrigins].join(' ')}`;
  const own = headers['content-security-policy'];
  headers['content-security-policy'] = own ? `${own}, ${policy}` : policy;
}
