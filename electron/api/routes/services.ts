import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import type { ApiContext } from './context';

const portParam = z.coerce.number().optional().describe('Port; all ports if omitted.');

const serviceUrlWire = z
  .object({
    browser_url: z.string(),
    embed_url: z.string(),
    service_url: z.string(),
    token: z.string(),
    expires_at: z.string(),
    embed_origins: z.array(z.string()),
  })
  .meta({ id: 'ServiceUrl' });
const sharedPortWire = z
  .object({
    access: z.literal('token'),
    port: z.number(),
    created_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'SharedPort' });

/** Token access to HTTP services in sandboxes. It ends when the API stops. */
export function serviceRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  const { services, sandboxes } = sandglass.operations;
  /** Ports shared through this server, by `sandbox id/port`. */
  const shared = new Map<string, { sandbox: string; port: number }>();

  return async (app) => {
    app.addHook('onClose', async () => {
      const revoked = [...shared.values()].map((one) => services.revoke(one));
      // Sandboxes that are gone have no services left.
      await Promise.allSettled(revoked);
    });

    app.post(
      '/boxes/:box/service-url',
      {
        schema: {
          operationId: 'createServiceUrl',
          summary: 'Create a URL and a short-lived token for an HTTP service in a sandbox',
          params: boxParams,
          body: z.object({
            port: z.number(),
            expires_in_seconds: z.number().nullish(),
            access: z.enum(['restricted', 'workspace', 'off']).nullish(),
            embed_origins: z.array(z.string()).nullish(),
          }),
          response: { 200: serviceUrlWire },
        },
      },
      async ({ params, body }) => {
        refuseLogin(body.access);
        const { id } = await sandboxes.get({ sandbox: params.box });
        const access = await services.share({
          sandbox: id,
          port: body.port,
          expiresInSeconds: body.expires_in_seconds ?? undefined,
          embedOrigins: body.embed_origins ?? undefined,
        });
        shared.set(`${id}/${body.port}`, { sandbox: id, port: body.port });
        return {
          browser_url: access.browserUrl,
          embed_url: access.embedUrl,
          service_url: access.serviceUrl,
          token: access.token,
          expires_at: new Date(access.expiresAt).toISOString(),
          embed_origins: access.embedOrigins,
        };
      },
    );

    app.get(
      '/boxes/:box/service-urls',
      {
        schema: {
          operationId: 'listServiceUrls',
          summary: 'List the ports with a valid token',
          params: boxParams,
          response: {
            200: z.object({ items: z.array(sharedPortWire), next_cursor: z.null() }),
          },
        },
      },
      async ({ params }) => {
        const ports = await services.list({ sandbox: params.box });
        const items = ports.map(({ port, createdAt, expiresAt }) => ({
          access: 'token' as const,
          port,
          created_at: new Date(createdAt).toISOString(),
          expires_at: new Date(expiresAt).toISOString(),
        }));
        return { items, next_cursor: null };
      },
    );

    app.delete(
      '/boxes/:box/service-urls',
      {
        schema: {
          operationId: 'deleteServiceUrls',
          summary: 'Revoke access to a port, or to all ports',
          params: boxParams,
          querystring: z.object({ port: portParam }),
          response: { 204: z.null() },
        },
      },
      async ({ params, query }, reply) => {
        await services.revoke({ sandbox: params.box, port: query.port });
        return await reply.code(204).send(null);
      },
    );
  };
}

function refuseLogin(access: string | null | undefined): void {
  if (access !== 'restricted' && access !== 'workspace') return;
  throw new SandglassError('invalid_input', 'access: there are no workspaces to log in to.', {
    field: 'access',
    hint: 'Omit it to get a URL with a token.',
  });
}
