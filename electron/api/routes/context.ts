import type { FastifyRequest } from 'fastify';
import type { Engine } from '../../engine/engine';
import { API_PATH } from '../wire/paths';

/** Dependencies of all routes. */
export interface ApiContext {
  sandglass: Engine;
  /** Base URL by which the client reached the server: `http://host:port`. */
  origin(request: FastifyRequest): string;
  /** Logs an internal error, whose details are not sent to the client. */
  report(thrown: unknown): void;
}

/** Base URL of sandboxes for this client: the API's URL up to and including `/v2/sandboxes`. */
export function baseOf(context: ApiContext, request: FastifyRequest): string {
  return `${context.origin(request)}${API_PATH}`;
}
