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

/** For one connection only (RFC 9110, 7.6.1), and what is said to a proxy alone. */
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

/** Passes a request on with its body, and the answer back. @throws EgressRefusal */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  injected: Record<string, string>,
  trusted: string[],
): Promise<void> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  // Said in so many words: of some methods nobody expects a body, and it would be read as a new request.
  const framing = encoding === undefined ? {} : { 'transfer-encoding': 'chunked' };
  const headers = { ...endToEnd(request), ...framing, ...injected };
  const upstream = open(request, target, headers, trusted);
  const gone = () => upstream.destroy();
  response.once('close', gone);
  if (length === undefined && encoding === undefined) upstream.end();
  else request.pipe(upstream);
  const answer = await answerOf(upstream, target).catch((thrown: unknown) => {
    // Whoever is still sending would not hear why.
    request.unpipe(upstream).resume();
    throw thrown;
  });
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer));
  await pipeline(answer, response).catch(() => response.destroy());
  response.off('close', gone);
}

/** The same for a request that becomes a connection, as a WebSocket's does. */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  target: Target,
  injected: Record<string, string>,
  trusted: string[],
): void {
  const asked = { connection: 'Upgrade', upgrade: request.headers.upgrade };
  const upstream = open(request, target, { ...endToEnd(request), ...asked, ...injected }, trusted);
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

/** Carries bytes both ways: each direction ends for itself, and both go when one breaks off. */
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

/** Finds the addresses that were checked, whatever the name resolves to by now. */
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
    // Not what the sandbox says: the headers are for this host and no other.
    headers: { ...headers, host: isDefault ? name : `${name}:${port}` },
    setHost: false,
    agent: false,
  });
}

async function answerOf(upstream: ClientRequest, { host, port }: Target): Promise<IncomingMessage> {
  // A server may answer and leave while it is still sent to.
  upstream.on('error', () => {});
  try {
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    return answer;
  } catch (thrown) {
    const { code = 'no answer' } = thrown as NodeJS.ErrnoException;
    throw new EgressRefusal(502, `${host}:${port} cannot be reached (${code}).`);
  }
}

/** Without what is for the connection alone; `connection` itself may name more of it. */
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
