import { STATUS_CODES } from 'node:http';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import {
  type FastifyPluginAsyncZod,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
} from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { DEFAULT_API_PORT } from '#shared/contract/schemas/defaultSettings';

/** The document that the routes' schemas make. Routes that are added after this are in it. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sandglass local API',
        description: DESCRIPTION,
        version: '2',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        {
          url: 'http://127.0.0.1:{port}',
          variables: { port: { default: String(DEFAULT_API_PORT) } },
        },
      ],
      tags: [...tags],
      components: {
        securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } },
      },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) =>
      completed(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
  });
}

/** Puts the routes of a plugin under a heading. */
export function tagged(tag: TagName, routes: FastifyPluginAsyncZod): FastifyPluginAsyncZod {
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.schema = { tags: [tag], ...route.schema };
    });
    await app.register(routes);
  };
}

/** Leaves a route out of the document. */
export function hide(route: { schema?: object }): void {
  route.schema = { ...route.schema, hide: true };
}

const DESCRIPTION = `Sandboxes and snapshots on this computer, as the LangSmith SDK speaks of them \
(\`langsmith/sandbox\`). Everything is served under \`/v2/sandboxes\` and, just the same, under \
\`/api/v2/sandboxes\`.

Commands that are streamed, take input or outlive their connection go over a WebSocket at \
\`/v2/sandboxes/{box}/execute/ws\`, with the same key; TCP connections to ports of a sandbox over one at \
\`/v2/sandboxes/{box}/tunnel\` (yamux).`;

const tags = [
  { name: 'Snapshots', description: 'What sandboxes boot from.' },
  { name: 'Sandboxes', description: 'Disposable machines, each from a snapshot.' },
  { name: 'Commands', description: 'What runs in a sandbox. A stopped one is started for it.' },
  { name: 'Files', description: 'What lies in a sandbox. A stopped one is started for it.' },
  {
    name: 'Services',
    description: 'HTTP and WebSocket servers in a sandbox, for who has a token.',
  },
  { name: 'Registries', description: 'Logins for private images. Passwords never come out.' },
] as const;
export type TagName = (typeof tags)[number]['name'];

const bytes = { 'application/octet-stream': {} };
const events = { 'text/event-stream': {} };

/** Bodies that are streamed past the schemas. */
const streamed: Record<string, Partial<OpenAPIV3_1.OperationObject>> = {
  uploadFile: {
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            required: ['file'],
            properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
          },
        },
        ...bytes,
      },
    },
  },
  buildSnapshot: {
    requestBody: {
      required: true,
      content: { 'application/x-tar': {}, 'application/gzip': {}, ...bytes },
    },
  },
  getSnapshotLog: { responses: { 200: { description: 'The log', content: { 'text/plain': {} } } } },
  downloadFile: {
    responses: {
      200: { description: 'The whole file', content: bytes },
      206: { description: 'The part that Range asked for', content: bytes },
      304: { description: 'It is what If-None-Match says' },
      416: { description: 'The file is shorter' },
    },
  },
  startCommandStream: { responses: { 200: { description: 'Its events', content: events } } },
  resumeCommandStream: { responses: { 200: { description: 'Its events', content: events } } },
};

const errorSchema: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  required: ['detail'],
  properties: {
    detail: {
      type: 'object',
      required: ['error', 'message', 'error_id'],
      properties: {
        error: { type: 'string', description: 'A type to branch on, as ResourceNotFound.' },
        message: { type: 'string', description: 'What happened and what to do about it.' },
        error_id: { type: 'string', format: 'uuid' },
      },
    },
  },
};
const invalidSchema: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  required: ['detail'],
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        required: ['loc', 'msg', 'type'],
        properties: {
          loc: {
            type: 'array',
            items: { type: 'string' },
            description: 'Where: body or querystring, then the field.',
          },
          msg: { type: 'string' },
          type: { type: 'string' },
        },
      },
    },
  },
};

const failures = {
  Unauthorized: 'The key is missing or wrong.',
  Forbidden: 'The Host is no loopback name, or another web page called.',
  NotFound: 'There is no such thing.',
  Conflict: 'The name is taken, it is in use, or something else works on it.',
  Invalid: 'A field is missing or wrong.',
  Unavailable: 'Docker does not answer.',
};

/** The document with what no schema says: how things fail, and bodies that are streamed. */
function completed(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const paths: OpenAPIV3_1.PathsObject = {};
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const { head: _, ...methods } = item ?? {};
    paths[path.replace('{*}', '{name}')] = Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        completedOperation(method, path, operation as OpenAPIV3_1.OperationObject),
      ]),
    );
  }
  const responses = Object.fromEntries(
    Object.entries(failures).map(([name, description]) => {
      const $ref = `#/components/schemas/${name === 'Invalid' ? 'InvalidInput' : 'Error'}`;
      return [name, { description, content: { 'application/json': { schema: { $ref } } } }];
    }),
  );
  const { components } = document;
  const schemas = { ...used(components?.schemas, paths), Error: errorSchema };
  return {
    ...document,
    paths,
    components: {
      ...components,
      responses,
      schemas: { ...schemas, InvalidInput: invalidSchema },
    },
  };
}

/** The schemas that something refers to: each named one is there for input and for output. */
function used(
  schemas: Record<string, OpenAPIV3_1.SchemaObject> = {},
  paths: OpenAPIV3_1.PathsObject,
): Record<string, OpenAPIV3_1.SchemaObject> {
  const entries = Object.entries(schemas);
  return Object.fromEntries(
    entries.filter(([name]) => {
      const reference = `"#/components/schemas/${name}"`;
      const others = entries.filter(([other]) => other !== name);
      return JSON.stringify([paths, others]).includes(reference);
    }),
  );
}

function completedOperation(
  method: string,
  path: string,
  operation: OpenAPIV3_1.OperationObject,
): OpenAPIV3_1.OperationObject {
  const named = { ...operation, ...streamed[operation.operationId ?? ''] };
  for (const parameter of named.parameters ?? []) {
    if ('name' in parameter && parameter.name === '*') parameter.name = 'name';
  }
  const takesInput = Boolean(named.requestBody ?? named.parameters?.length);
  const fails: Array<[number, keyof typeof failures, boolean]> = [
    [401, 'Unauthorized', true],
    [403, 'Forbidden', true],
    [404, 'NotFound', path.includes('{')],
    [409, 'Conflict', method !== 'get'],
    [422, 'Invalid', takesInput],
    [503, 'Unavailable', true],
  ];
  return {
    ...named,
    responses: {
      ...Object.fromEntries(
        Object.entries(named.responses ?? {}).map(([code, response]) => [
          code,
          described(code, response as OpenAPIV3_1.ResponseObject),
        ]),
      ),
      ...Object.fromEntries(
        fails
          .filter(([, , isPossible]) => isPossible)
          .map(([code, name]) => [code, { $ref: `#/components/responses/${name}` }]),
      ),
    },
  };
}

function described(code: string, response: OpenAPIV3_1.ResponseObject): OpenAPIV3_1.ResponseObject {
  const description =
    response.description === 'Default Response' ? STATUS_CODES[code] : response.description;
  const { content, ...rest } = response;
  return { ...rest, description: description ?? code, ...(code === '204' ? {} : { content }) };
}
