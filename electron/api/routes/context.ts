import type { FastifyRequest } from 'fastify';
import type { Engine } from '../../engine/engine';

/** What every route works with. */
export interface ApiContext {
  sandglass: Engine;
  /** `http://host:port`, as this caller reached us. */
  origin(request: FastifyRequest): string;
  /** Takes a fault of ours to the log: its words are for no caller. */
  report(thrown: unknown): void;
}

/** The address of the API up to `/v2/sandboxes`, by which this caller is to call a sandbox. */
export function baseOf(context: ApiContext, request: FastifyRequest): string {
  return `${context.origin(request)}/v2/sandboxes`;
}
