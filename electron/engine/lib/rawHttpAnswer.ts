import { STATUS_CODES } from 'node:http';

/**
 * Returns a complete HTTP/1.1 response for a socket without a ServerResponse, as after an upgrade or a
 * CONNECT request. It announces that the connection closes (RFC 9112, 9.6): the caller ends the socket.
 */
export function rawHttpAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const fields = {
    connection: 'close',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  };
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
