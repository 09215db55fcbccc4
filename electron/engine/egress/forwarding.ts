import { once } from 'node:events';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EgressRefusal } from './destination';
import type { Destination } from './hostMatch';

export type Target = Destination & { isTls: boolean; path: string };

/** Hop-by-hop header fields (RFC 9110, 7.6.1) and those for proxies. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Forwards a request with its body, and the response. @throws EgressRefusal */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  injected: Record<string, string>,
  trusted: string[],
): Promise<void> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  // Explicit framing: servers would parse the body of an unusual method as a new request.
  const framing = encoding === undefined ? {} : { 'transfer-encoding': 'chunked' };
  const headers = { ...endToEnd(request), ...framing, ...injected };
  const upstream = open(request, target, headers, trusted);
  const abort = () => upstream.destroy();
  response.once('close', abort);
  if (length === undefined && encoding === undefined) upstream.end();
  else request.pipe(upstream);
  const answer = await answerOf(upstream, target).catch((thrown: unknown) => {
    // Drains the request body, so that the client reads the refusal.
    request.unpipe(upstream).resume();
    throw thrown;
  });
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer));
  await pipeline(answer, response).catch(() => response.destroy());
  response.off('close', abort);
}

/** Forwards an upgrade request, as of a WebSocket, and its connection. */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  target: Target,
  injected: Record<string, string>,
  trusted: string[],
): void {
  const upgrade = { connection: 'Upgrade', upgrade: request.headers.upgrade };
  const upstream = open(
    request,
    target,
    { ...endToEnd(request), ...upgrade, ...injected },
    trusted,
  );
  upstream.once('upgrade', (answer, upstreamSocket, upstreamHead) => {
    socket.write(`${headOf(answer)}\r\n\r\n`);
    socket.write(upstreamHead);
    upstreamSocket.write(head);
    join(socket, upstreamSocket);
  });
  upstream.once('response', (answer) => {
    socket.write(`${headOf(answer)}\r\n\r\n`);
    void pipeline(answer, socket).catch(() => socket.destroy());
  });
  upstream.on('error', () => socket.destroy());
  socket.once('close', () => upstream.destroy());
  upstream.end();
}

/** Connects two streams in both directions. Each half closes separately; an error closes both. */
export function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.once('close', () => to.destroy());
  }
}

/** Returns a DNS lookup that yields the checked addresses only. */
export function pinned({ addresses }: Destination): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [first] = found;
    if (options.all || !first) done(null, found);
    else done(null, first.address, first.family);
  };
}

function open(
  request: IncomingMessage,
  target: Target,
  headers: OutgoingHttpHeaders,
  trusted: string[],
): ClientRequest {
  const { host, port, isTls, path } = target;
  const send = isTls ? httpsRequest : httpRequest;
  const isDefault = port === (isTls ? 443 : 80);
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return send({
    method: request.method,
    ...{ path, host, port },
    lookup: pinned(target),
    servername: isIP(host) ? '' : host,
    ca: trusted,
    // Replaces the sandbox's Host header, since injected headers are for this host only.
    headers: { ...headers, host: isDefault ? name : `${name}:${port}` },
    setHost: false,
    agent: false,
  });
}

async function answerOf(upstream: ClientRequest, { host, port }: Target): Promise<IncomingMessage> {
  // A server may respond and close while the request is still being sent.
  upstream.on('error', () => {});
  try {
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    return answer;
  } catch (thrown) {
    const { code = 'no answer' } = thrown as NodeJS.ErrnoException;
    throw new EgressRefusal(502, `${host}:${port} cannot be reached (${code}).`);
  }
}

/** Removes hop-by-hop fields, including those listed in `connection` (RFC 9110, 7.6.1). */
function endToEnd({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)),
  );
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return lines.join('\r\n');
}
