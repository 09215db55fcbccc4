import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { SandglassError } from '#shared/errors';

/** Disables body parsing for a scope: handlers stream the request body, whatever its content type. */
export function leaveBodyUnparsed(
  scope: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
}

/** Streams a request body to a file. @throws SandglassError `cancelled` if the client disconnects */
export async function saveBody(request: IncomingMessage, file: string): Promise<void> {
  try {
    await pipeline(request, createWriteStream(file));
  } catch (cause) {
    if (!request.errored) throw cause;
    throw new SandglassError('cancelled', 'The upload was interrupted.', { cause });
  }
}
