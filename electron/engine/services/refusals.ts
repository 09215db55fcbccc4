import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toSandglassError } from '#shared/errors';
import { rawHttpAnswer } from '../lib';

/** Why a request does not reach its service; the type is what a caller branches on. */
export interface Refusal {
  status: number;
  error: string;
  message: string;
}

/** What could not be reached, and what to do about it. */
export function unreachable(thrown: unknown): Refusal {
  const { code, message, hint } = toSandglassError(thrown);
  // What a service itself does wrong (it hangs up, it speaks no HTTP) is no fault of ours.
  const said = code === 'internal' ? `The service does not answer: ${message}.` : message;
  return {
    status: code === 'not_found' ? 404 : 502,
    error: code === 'not_found' ? 'ResourceNotFound' : 'ConnectionError',
    message: [said, code === 'internal' ? null : hint].filter(Boolean).join(' '),
  };
}

/** Answers in the form of the API's errors. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { ...headers, connection: 'close' });
  response.end(bodyOf(refusal));
}

/** The same on a connection that wanted to become a WebSocket. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  socket.end(rawHttpAnswer(refusal.status, headers, bodyOf(refusal)));
}

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };

function bodyOf({ error, message }: Refusal): string {
  return JSON.stringify({ detail: { error, message, error_id: randomUUID() } });
}
