import type { FastifyInstance } from 'fastify';

/**
 * Leaves the body of every request of a scope to its handler, to be read as it comes and not into memory.
 * What it is said to be does not matter: a file may be JSON.
 */
export function takeBodyAsItComes(
  scope: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
}
