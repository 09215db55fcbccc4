import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { rawHttpAnswer } from '../engine/lib';
import { type WireError, wireError } from './wire/errors';

/**
 * Milliseconds a client has to send its headers. Limits half-open connections, which only hold a
 * socket.
 */
const HEADERS_TIMEOUT_MS = 15_000;
/** Milliseconds between checks for clients that exceed the header timeout. */
const HEADERS_CHECK_INTERVAL_MS = 5000;
/** Milliseconds a request body may be idle before the connection is closed. */
const BODY_IDLE_TIMEOUT_MS = 60_000;
/** Milliseconds a keep-alive connection may be idle between two requests. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Connections of all clients together, so that file descriptors remain for the rest of the app. */
const MAX_CONNECTIONS = 2000;
const JSON_HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * HTTP server with limits against slow, half-open and malformed requests. Requests that Node
 * rejects by itself get an error body of the same form as the API's.
 */
export function createHttpServer(handler: RequestListener): Server {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: HEADERS_CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Uploads and long-running commands may take hours.
    requestTimeout: 0,
    // `Host` is checked by `keyAccess`, with an error body of the API's form.
    requireHostHeader: false,
  };
  const server = createServer(limits, (request, response) => {
    endIdleBody(request);
    handler(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, clientError(error.code));
  });
  server.on('checkExpectation', (_request, response) => {
    const { status, body } = wireError(
      417,
      'ExpectationFailed',
      'Only the expectation "100-continue" is supported.',
    );
    const content = JSON.stringify(body);
    const length = { 'content-length': Buffer.byteLength(content), connection: 'close' };
    response.writeHead(status, { ...JSON_HEADERS, ...length }).end(content);
  });
  return server;
}

/** Writes a raw HTTP error response to a socket that has no `ServerResponse`, then closes it. */
export function refuse(socket: Duplex, { status, body }: WireError): void {
  // Destroys the socket so that a client that keeps sending is disconnected.
  socket.end(rawHttpAnswer(status, JSON_HEADERS, JSON.stringify(body)), () => socket.destroy());
}

function clientError(code: string | undefined): WireError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return wireError(431, 'InvalidRequest', 'The headers are too large.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return wireError(408, 'Timeout', 'The request headers did not arrive in time.');
  }
  return wireError(400, 'InvalidRequest', 'Not an HTTP request.');
}

/** Closes the connection of a client that stops sending in the middle of its body. */
function endIdleBody(request: IncomingMessage): void {
  const { headers, socket } = request;
  if (!Number(headers['content-length']) && !headers['transfer-encoding']) return;
  socket.setTimeout(BODY_IDLE_TIMEOUT_MS);
  request.once('close', () => socket.setTimeout(0));
  request.once('end', () => socket.setTimeout(0));
}
