import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireError } from '../wire/errors';

/** What the hosted service bills: here nothing costs anything. */
export function usageRoutes(): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/usage/costs',
      {
        schema: {
          operationId: 'listUsageCosts',
          summary: 'What was billed: nothing',
          response: {
            200: z.object({ items: z.array(z.unknown()), next_cursor: z.null() }),
          },
        },
      },
      async () => ({ items: [], next_cursor: null }),
    );

    app.get(
      '/usage',
      { schema: { operationId: 'getUsage', summary: 'Refused: nothing is metered' } },
      async (_request, reply) => {
        const said = 'usage: a computer of your own meters nothing. List sandboxes and snapshots.';
        const { status, body } = wireError(404, 'NotOffered', said);
        return await reply.code(status).send(body);
      },
    );
  };
}
