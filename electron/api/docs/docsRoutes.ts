import type { FastifyPluginAsync } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import { hide } from './openapi';
import { docsPage, docsPolicy } from './page';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requires no API key: the route serves no data, or checks a token of its own. */
    isPublic?: boolean;
  }
}

/** Documentation of the API: HTML at `/`, the OpenAPI document at `/openapi.json`. */
export function docsRoutes(address: () => string): FastifyPluginAsync {
  return async (app) => {
    const document = () => app.swagger() as OpenAPIV3_1.Document;
    app.addHook('onRoute', hide);
    app.addHook('onSend', async (_request, reply) => {
      void reply.headers({
        'cache-control': 'no-store',
        'content-security-policy': docsPolicy,
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    });
    const options = { config: { isPublic: true } };
    app.get('/', options, async (_request, reply) => {
      return await reply.type('text/html; charset=utf-8').send(docsPage(document(), address()));
    });
    app.get('/openapi.json', options, async () => document());
  };
}
