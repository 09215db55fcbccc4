import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { API_KEY } from './api';

/** A response as received. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface RawRequest {
  method?: string;
  /** Request target, sent without encoding or resolution. */
  path: string;
  /** Headers in order, with duplicates. A Host and the key are added unless given. */
  headers?: ReadonlyArray<readonly [string, string]>;
  body?: string | Buffer;
}

/** Opens a plain connection, closed after the test. */
export async function openConnection(target: number | string): Promise<Socket> {
  const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** Sends a request byte for byte, and reads until the server closes the connection. */
export async function rawRequest(target: number | string, request: RawRequest): Promise<RawAnswer> {
  return await exchange(target, requestBytes(request));
}

/** Sends bytes, and reads until the server closes the connection. */
export async function exchange(
  target: number | string,
  bytes: string | Buffer,
): Promise<RawAnswer> {
  const socket = await openConnection(target);
  socket.write(bytes);
  return parseAnswer(await everything(socket));
}

/** Reads until the end of the connection, a reset included. */
export async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return Buffer.concat(chunks).toString('latin1');
}

export function requestBytes({ method = 'GET', path, headers = [], body }: RawRequest): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: Array<readonly [string, string]> = [
    ['Host', '127.0.0.1'],
    ['X-Api-Key', API_KEY],
    ['Connection', 'close'],
  ];
  if (body !== undefined) {
    usual.push(
      ['Content-Type', 'application/json'],
      ['Content-Length', `${Buffer.byteLength(body)}`],
    );
  }
  const all = [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...headers];
  const lines = all
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, Buffer.from(body ?? '')]);
}

export function parseAnswer(raw: string): RawAnswer {
  // Skips an interim response (100 Continue).
  const answer = raw.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/, '');
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(status.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}
