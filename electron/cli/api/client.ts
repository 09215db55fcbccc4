import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import WebSocket from 'ws';
import { z } from 'zod';
import { Failure, systemCode } from '../failure';
import { type ApiAddress, findApi } from './address';

export interface ApiRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Of a list each value on its own. */
  query?: Record<string, string | number | string[] | undefined>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it comes. */
  body?: Readable;
  signal?: AbortSignal;
}

const problem = z.object({
  detail: z.union([
    z.object({ error: z.string(), message: z.string() }),
    z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })).min(1),
  ]),
});

/** Calls of the local API, over the app's socket or its port. */
export class ApiClient {
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** A call's answer, checked. @throws Failure with what the API says, or that there is no app */
  async json<T>(path: string, schema: z.ZodType<T>, request: ApiRequest = {}): Promise<T> {
    const answer = await this.stream(path, request);
    return schema.parse(JSON.parse(await text(answer)));
  }

  /** A call without an answer. @throws Failure */
  async call(path: string, request: ApiRequest): Promise<void> {
    const answer = await this.stream(path, request);
    answer.resume();
  }

  /** The answer's body as it comes. @throws Failure */
  async stream(path: string, request: ApiRequest = {}): Promise<IncomingMessage> {
    const answer = await this.send(path, request);
    if ((answer.statusCode ?? 500) < 400) return answer;
    throw refusal(answer.statusCode ?? 500, await text(answer).catch(() => ''));
  }

  /** A WebSocket that is opening. */
  socket(path: string): WebSocket {
    const address = findApi(this.env);
    const url = `${address.origin.replace(/^http/, 'ws')}/v2/sandboxes${path}`;
    const { socketPath } = address;
    return new WebSocket(url, {
      headers: headersFor(address),
      perMessageDeflate: false,
      ...(socketPath ? { createConnection: () => connect(socketPath) as Socket } : {}),
    });
  }

  private async send(path: string, request: ApiRequest): Promise<IncomingMessage> {
    const address = findApi(this.env);
    const url = new URL(`${address.origin}/v2/sandboxes${path}`);
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
        // A server that refuses answers before it has read everything: its answer counts.
        else void pipeline(request.body, sending).catch(reject);
      });
    } catch (thrown) {
      throw unreachable(thrown) ?? thrown;
    }
  }
}

/** A path's segment. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

/** What it means that no connection came about; null when it is something else. */
export function unreachable(thrown: unknown): Failure | null {
  const code = systemCode(thrown);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Failure('The socket of Sandglass belongs to another user of this computer.');
  }
  if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return null;
  return new Failure(
    'Sandglass is not running. Start it with `npm start`, or `npm start -- --headless`.',
    { cause: thrown, type: 'NotRunning' },
  );
}

export function wrongKey(): Failure {
  return new Failure(
    'Sandglass does not take this API key. The right one is in Settings, under Local API: set SANDGLASS_API_KEY to it.',
    { type: 'Unauthorized' },
  );
}

function headersFor({ key }: ApiAddress): Record<string, string> {
  return key ? { 'x-api-key': key } : {};
}

function refusal(status: number, body: string): Failure {
  const parsed = problem.safeParse(parseJson(body));
  if (status === 401) return wrongKey();
  if (!parsed.success) return new Failure(`Sandglass answered with status ${status}.`);
  const { detail } = parsed.data;
  if (!Array.isArray(detail)) return new Failure(detail.message, { type: detail.error });
  const said = detail.map(({ msg }) => msg);
  return new Failure(said.join(' '), { type: 'ValidationError' });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
