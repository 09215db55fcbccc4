import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { rawHttpAnswer } from '../engine/lib';
import { type WireError, wireError } from './wire/errors';

/** A client must have sent its headers by then: half-open ones hold a socket and nothing else. Milliseconds. */
const HEADERS_TIMEOUT_MS = 15_000;
/** How often that is looked at. Milliseconds. */
const CHECK_EVERY_MS = 5000;
/** A body may come slowly, but not stand still for so long. Milliseconds. */
const BODY_IDLE_MS = 60_000;
/** Between two requests. Milliseconds. */
const KEEP_ALIVE_MS = 72_000;
/** Of all clients together, so that they leave the app its files and sockets. */
const MOST_CONNECTIONS = 2000;
const JSON_HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * An HTTP server that slow, half-open and broken clients do not hurt. What it refuses by itself it refuses
 * as the API does.
 */
export function createHttpServer(handler: RequestListener): Server {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // An upload may take hours, and so may the answer to a command.
    requestTimeout: 0,
    // Ours is to answer that.
    requireHostHeader: false,
  };
  const server = createServer(limits, (request, response) => {
    endIdleBody(request);
    handler(request, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, clientError(error.code));
  });
  server.on('checkExpectation', (_request, response) => {
    const { status, body } = wireError(417, 'ExpectationFailed', 'Only 100-continue is known.');
    const content = JSON.stringify(body);
    const length = { 'content-length': Buffer.byteLength(content), connection: 'close' };
    response.writeHead(status, { ...JSON_HEADERS, ...length }).end(content);
  });
  return server;
}

/** Answers on a connection that has no response, and ends it. */
export function refuse(socket: Duplex, { status, body }: WireError): void {
  // Whoever goes on talking is not listened to.
  socket.end(rawHttpAnswer(status, JSON_HEADERS, JSON.stringify(body)), () => socket.destroy());
}

function clientError(code: string | undefined): WireError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return wireError(431, 'InvalidRequest', 'The headers are too large.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return wireError(408, 'Timeout', 'The headers did not come in time.');
  }
  return wireError(400, 'InvalidRequest', 'This is no HTTP request.');
}

/** Lets go of a client that stops in the middle of its body. */
function endIdleBody(request: IncomingMessage): void {
  const { headers, socket } = request;
  if (!Number(headers['content-length']) && !headers['transfer-encoding']) return;
  socket.setTimeout(BODY_IDLE_MS);
  request.once('close', () => socket.setTimeout(0));
  request.once('end', () => socket.setTimeout(0));
}
