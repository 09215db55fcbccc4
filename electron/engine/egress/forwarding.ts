import { once } from 'node:events';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { EgressRefusal } from './destination';
import type { Destination } from './hostMatch';

type Target = Destination & { isTls: boolean; path: string };

/** For one connection only (RFC 9110, 7.6.1), and what is said to a proxy alone. */
const hopByHop = new Set([
  'connection',
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
  const upstream = open(request, target, { ...endToEnd(request), ...injected }, trusted);
  const gone = () => upstream.destroy();
  response.once('close', gone);
  const sent = pipeline(request, upstream).catch(() => {});
  const answer = await answerOf(upstream, target);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer));
  await pipeline(answer, response).catch(() => response.destroy());
  await sent;
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
    void Promise.allSettled([pipeline(socket, upstreamSocket), pipeline(upstreamSocket, socket)]);
  });
  upstream.once('response', (answer) => {
    socket.write(`${headOf(answer)}\r\n\r\n`);
    void pipeline(answer, socket).catch(() => socket.destroy());
  });
  upstream.once('error', () => socket.destroy());
  socket.once('close', () => upstream.destroy());
  upstream.end();
}

function open(
  request: IncomingMessage,
  { host, port, addresses, isTls, path }: Target,
  headers: OutgoingHttpHeaders,
  trusted: string[],
): ClientRequest {
  const send = isTls ? httpsRequest : httpRequest;
  const [address] = addresses;
  const isDefault = port === (isTls ? 443 : 80);
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return send({
    method: request.method,
    path,
    // The address that was checked, whatever the name resolves to by now.
    host: address,
    port,
    servername: isIP(host) ? '' : host,
    ca: trusted,
    // Not what the sandbox says: the headers are for this host and no other.
    headers: { ...headers, host: isDefault ? name : `${name}:${port}` },
    setHost: false,
    agent: false,
  });
}

async function answerOf(upstream: ClientRequest, { host, port }: Target): Promise<IncomingMessage> {
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
