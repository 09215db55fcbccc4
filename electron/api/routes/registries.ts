import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Registry } from '#shared/contract/registries';
import { SandglassError } from '#shared/errors';
import { listSchema, pageOf, pageQuery, toList } from '../wire/listing';
import type { ApiContext } from './context';

const registryWire = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    auth_type: z.literal('DOCKER_CONFIG'),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Registry' });

const registryParams = z.object({ registry: z.string().describe('Name of the registry.') });
const authType = z.string().nullish();

function toRegistryWire(registry: Registry): z.infer<typeof registryWire> {
  const { id, name, url, createdAt, updatedAt } = registry;
  return {
    ...{ id, name, url, auth_type: 'DOCKER_CONFIG' },
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}

function refuseAwsRole(type: string | null | undefined): void {
  if (!type || type === 'DOCKER_CONFIG') return;
  throw new SandglassError(
    'invalid_input',
    'auth_type: local registries use a user name and a password.',
    {
      field: 'authType',
      hint: 'Use DOCKER_CONFIG. For ECR, the user is "AWS" and the password a token.',
    },
  );
}

/** Registries, addressed by name as the SDK does. Passwords are write-only. */
export function registryRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  const { registries } = sandglass.operations;
  return async (app) => {
    app.post(
      '/registries',
      {
        schema: {
          operationId: 'createRegistry',
          summary: 'Add a registry',
          body: z.object({
            name: z.string(),
            url: z.string(),
            username: z.string().default(''),
            password: z.string().default(''),
            auth_type: authType,
          }),
          response: { 201: registryWire },
        },
      },
      async ({ body }, reply) => {
        const { auth_type, ...input } = body;
        refuseAwsRole(auth_type);
        // The SDK would retry a conflict twice.
        reply.header('x-should-retry', 'false');
        return await reply.code(201).send(toRegistryWire(await registries.create(input)));
      },
    );
    app.get(
      '/registries',
      {
        schema: {
          operationId: 'listRegistries',
          summary: 'List registries, newest first',
          querystring: pageQuery,
          response: {
            200: listSchema(registryWire, 'registries'),
          },
        },
      },
      async ({ query }) => {
        const all = (await registries.list()).sort((a, b) => b.createdAt - a.createdAt);
        return toList(pageOf(all.map(toRegistryWire), query), 'registries');
      },
    );
    app.get(
      '/registries/:registry',
      {
        schema: {
          operationId: 'getRegistry',
          summary: 'Get a registry',
          params: registryParams,
          response: { 200: registryWire },
        },
      },
      async ({ params }) => toRegistryWire(await registries.get(params)),
    );
    app.patch(
      '/registries/:registry',
      {
        schema: {
          operationId: 'updateRegistry',
          summary: 'Update a registry',
          params: registryParams,
          body: z.object({
            name: z.string().optional(),
            url: z.string().optional(),
            username: z.string().optional(),
            password: z.string().optional(),
            auth_type: authType,
          }),
          response: { 200: registryWire },
        },
      },
      async ({ params, body }, reply) => {
        const { auth_type, ...change } = body;
        refuseAwsRole(auth_type);
        reply.header('x-should-retry', 'false');
        return toRegistryWire(await registries.update({ ...params, ...change }));
      },
    );
    app.delete(
      '/registries/:registry',
      {
        schema: {
          operationId: 'deleteRegistry',
          summary: 'Delete a registry',
          params: registryParams,
          response: { 204: z.null() },
        },
      },
      async ({ params }, reply) => {
        await registries.delete(params);
        return await reply.code(204).send(null);
      },
    );
  };
}
