import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toSandglassError } from '#shared/errors';
import { rawHttpAnswer } from '../lib';

/** Error response to a request that does not reach its service. */
export interface Refusal {
  status: number;
  /** Error type, which clients branch on. */
  error: string;
  message: string;
}

/** Describes a failed connection to a service. */
export function unreachable(thrown: unknown): Refusal {
  const { code, message, hint } = toSandglassError(thrown);
  // An internal error here is a fault of the service: it closed the connection or does not use HTTP.
  const text = code === 'internal' ? `The service does not answer: ${message}.` : message;
  return {
    status: code === 'not_found' ? 404 : 502,
    error: code === 'not_found' ? 'ResourceNotFound' : 'ConnectionError',
    message: [text, code === 'internal' ? null : hint].filter(Boolean).join(' '),
  };
}

/** Sends a refusal in the API's error format. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { ...headers, connection: 'close' });
  response.end(bodyOf(refusal));
}

/** Sends a refusal to an upgrade request. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  socket.end(rawHttpAnswer(refusal.status, headers, bodyOf(refusal)));
}

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };

function bodyOf({ error, message }: Refusal): string {
  return JSON.stringify({ detail: { error, message, error_id: randomUUID() } });
}
