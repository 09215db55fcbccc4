import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireError } from '../wire/errors';

/** Billing endpoints of the hosted service. Local use is free. */
export function usageRoutes(): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/usage/costs',
      {
        schema: {
          operationId: 'listUsageCosts',
          summary: 'List usage costs: always empty',
          response: {
            200: z.object({ items: z.array(z.unknown()), next_cursor: z.null() }),
          },
        },
      },
      async () => ({ items: [], next_cursor: null }),
    );

    app.get(
      '/usage',
      { schema: { operationId: 'getUsage', summary: 'Rejected: usage is not metered' } },
      async (_request, reply) => {
        const message = 'usage: local usage is not metered. List sandboxes and snapshots instead.';
        const { status, body } = wireError(404, 'NotOffered', message);
        return await reply.code(status).send(body);
      },
    );
  };
}
