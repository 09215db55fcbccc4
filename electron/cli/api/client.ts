import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import WebSocket from 'ws';
import type { z } from 'zod';
import { errorWire } from '../../api/wire/errors';
import { API_PATH } from '../../api/wire/paths';
import { Failure, systemCode } from '../failure';
import { type ApiAddress, findApi } from './address';

export interface ApiRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Query parameters; a list is sent as repeated parameters. */
  query?: Record<string, string | number | string[] | undefined>;
  headers?: Record<string, string>;
  /** JSON request body. */
  json?: unknown;
  /** Streamed request body. */
  body?: Readable;
  signal?: AbortSignal;
}

/** HTTP client of the local API, over the app's socket or its port. */
export class ApiClient {
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /**
   * Sends a request and validates its JSON response.
   *
   * @throws Failure with the API's error message, or if the app is not running
   */
  async json<T>(path: string, schema: z.ZodType<T>, request: ApiRequest = {}): Promise<T> {
    const response = await this.stream(path, request);
    return schema.parse(JSON.parse(await text(response)));
  }

  /** Sends a request and ignores the response body. @throws Failure */
  async call(path: string, request: ApiRequest): Promise<void> {
    const response = await this.stream(path, request);
    response.resume();
  }

  /** Sends a request and returns the response as a stream. @throws Failure */
  async stream(path: string, request: ApiRequest = {}): Promise<IncomingMessage> {
    const response = await this.send(path, request);
    if ((response.statusCode ?? 500) < 400) return response;
    throw refusal(response.statusCode ?? 500, await text(response).catch(() => ''));
  }

  /** Opens a WebSocket. */
  socket(path: string): WebSocket {
    const address = findApi(this.env);
    const url = `${address.origin.replace(/^http/, 'ws')}${API_PATH}${path}`;
    const { socketPath } = address;
    return new WebSocket(url, {
      headers: headersFor(address),
      perMessageDeflate: false,
      ...(socketPath ? { createConnection: () => connect(socketPath) as Socket } : {}),
    });
  }

  private async send(path: string, request: ApiRequest): Promise<IncomingMessage> {
    const address = findApi(this.env);
    const url = new URL(`${address.origin}${API_PATH}${path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const one of [value ?? []].flat()) url.searchParams.append(name, String(one));
    }
    const json = request.json === undefined ? null : JSON.stringify(request.json);
    const options: RequestOptions = {
      method: request.method ?? 'GET',
      headers: {
        ...headersFor(address),
        ...(json === null ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      signal: request.signal,
      ...(address.socketPath ? { socketPath: address.socketPath } : {}),
    };
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        const sending = open(url, options);
        sending.once('response', resolve);
        sending.once('error', reject);
        if (!request.body) sending.end(json ?? undefined);
        // An error response may arrive before the body has been sent completely: it takes
        // precedence.
        else void pipeline(request.body, sending).catch(reject);
      });
    } catch (thrown) {
      throw unreachable(thrown) ?? thrown;
    }
  }
}

/** Percent-encodes a path segment. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

/** Failure for a connection error; null for any other error. */
export function unreachable(thrown: unknown): Failure | null {
  const code = systemCode(thrown);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Failure('The Sandglass socket belongs to another user.');
  }
  if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return null;
  return new Failure(
    'Sandglass is not running. Start it with `npm start`, or `npm start -- --headless`.',
    { cause: thrown, type: 'NotRunning' },
  );
}

export function wrongKey(): Failure {
  return new Failure(
    'Sandglass rejected the API key. Set SANDGLASS_API_KEY to the key shown in Settings, under Local API.',
    { type: 'Unauthorized' },
  );
}

function headersFor({ key }: ApiAddress): Record<string, string> {
  return key ? { 'x-api-key': key } : {};
}

function refusal(status: number, body: string): Failure {
  const parsed = errorWire.safeParse(parseJson(body));
  if (status === 401) return wrongKey();
  if (!parsed.success) return new Failure(`Sandglass responded with status ${status}.`);
  const { detail } = parsed.data;
  if (!Array.isArray(detail)) return new Failure(detail.message, { type: detail.error });
  const messages = detail.map(({ msg }) => msg);
  return new Failure(messages.join(' '), { type: 'ValidationError' });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
