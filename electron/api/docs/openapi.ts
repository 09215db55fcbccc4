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

/** Generates the OpenAPI document from the schemas of all routes added after this call. */
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

/** Adds an OpenAPI tag to the routes of a plugin. */
export function tagged(tag: TagName, routes: FastifyPluginAsyncZod): FastifyPluginAsyncZod {
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.schema = { tags: [tag], ...route.schema };
    });
    await app.register(routes);
  };
}

/** Omits a route from the OpenAPI document. */
export function hide(route: { schema?: object }): void {
  route.schema = { ...route.schema, hide: true };
}

const DESCRIPTION = `Sandboxes and snapshots on this computer, compatible with the LangSmith SDK \
(\`langsmith/sandbox\`). All paths are served under \`/v2/sandboxes\` and, identically, under \
\`/api/v2/sandboxes\`.

Commands that stream output, read input or outlive their connection use a WebSocket at \
\`/v2/sandboxes/{box}/execute/ws\`, with the same key; TCP connections to ports of a sandbox use one at \
\`/v2/sandboxes/{box}/tunnel\` (yamux).`;

const tags = [
  { name: 'Snapshots', description: 'Filesystems that sandboxes boot from.' },
  { name: 'Sandboxes', description: 'Disposable machines, each booted from a snapshot.' },
  { name: 'Commands', description: 'Commands in a sandbox. A stopped sandbox is started first.' },
  { name: 'Files', description: 'Files of a sandbox. A stopped sandbox is started first.' },
  {
    name: 'Services',
    description: 'HTTP and WebSocket servers in a sandbox, accessible with a token.',
  },
  { name: 'Registries', description: 'Logins for private images. Passwords are never returned.' },
] as const;
export type TagName = (typeof tags)[number]['name'];

const bytes = { 'application/octet-stream': {} };
const events = { 'text/event-stream': {} };

/** Bodies that are streamed and therefore have no route schema. */
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
  getSnapshotLog: {
    responses: { 200: { description: 'The build log', content: { 'text/plain': {} } } },
  },
  downloadFile: {
    responses: {
      200: { description: 'The whole file', content: bytes },
      206: { description: 'The requested byte range', content: bytes },
      304: { description: 'Not modified: the entity tag matches If-None-Match' },
      416: { description: 'The requested range is past the end of the file' },
    },
  },
  startCommandStream: {
    responses: { 200: { description: 'The events of the command', content: events } },
  },
  resumeCommandStream: {
    responses: { 200: { description: 'The events of the command', content: events } },
  },
};

const errorSchema: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  required: ['detail'],
  properties: {
    detail: {
      type: 'object',
      required: ['error', 'message', 'error_id'],
      properties: {
        error: { type: 'string', description: 'Machine-readable type, e.g. ResourceNotFound.' },
        message: {
          type: 'string',
          description: 'Human-readable message with advice where there is any.',
        },
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
            description: 'Location: body or querystring, then the field.',
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
  Forbidden: 'The Host is not a loopback name, or the Origin is foreign.',
  NotFound: 'The object does not exist.',
  Conflict: 'The name is taken, or the object is in use or busy.',
  Invalid: 'A field is missing or wrong.',
  Unavailable: 'Docker is unreachable.',
};

/** Adds to the document what route schemas cannot express: error responses and streamed bodies. */
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

/**
 * Drops unreferenced schemas: each named schema is registered once for input and once for output.
 */
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
