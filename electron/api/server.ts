import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { SandglassError } from '#shared/errors';
import type { Engine } from '../engine/engine';
import { keyAccess } from './access';
import { BoxLookup } from './boxLookup';
import { docsRoutes } from './docs/docsRoutes';
import { describeRoutes, tagged } from './docs/openapi';
import { createHttpServer } from './httpServer';
import { archiveRoutes } from './routes/archives';
import { boxRoutes } from './routes/boxes';
import type { ApiContext } from './routes/context';
import { dockerfileRoutes } from './routes/dockerfiles';
import { downloadLinkRoutes, downloadRoutes } from './routes/downloads';
import { executeRoutes } from './routes/execute';
import { executeStreamRoutes } from './routes/executeStream';
import { fileRoutes } from './routes/files';
import { registryRoutes } from './routes/registries';
import { serviceRoutes } from './routes/services';
import { snapshotRoutes } from './routes/snapshots';
import { uploadRoutes } from './routes/uploads';
import { usageRoutes } from './routes/usage';
import { SnapshotLookup } from './snapshotLookup';
import { ExecuteSocket } from './sockets/executeSocket';
import { TunnelSocket } from './sockets/tunnelSocket';
import { type SocketRoute, WebSockets } from './sockets/webSockets';
import { DownloadTokens } from './wire/downloadToken';
import {
  type OperationType,
  toClientError,
  toWireError,
  type WireError,
  wireError,
} from './wire/errors';
import { API_PATH, canonicalUrl } from './wire/paths';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Operation in a sandbox, by which failures of the route are reported. */
    operation?: OperationType;
  }
}

/** Maximum size of a JSON request body. Files use streamed bodies. Bytes. */
const BODY_LIMIT = 1024 ** 2;
/** Characters of invalid input that an error message repeats. */
const MAX_ECHO_LENGTH = 200;
const MAX_ISSUES = 20;

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  /** Path of the same API on a Unix socket or a named pipe; null if not served there. */
  readonly socketPath: string | null;
  /** Closes every connection, so that clients have to authenticate again. Commands keep running. */
  disconnectAll(): void;
  /** Closes WebSockets with "going away" and stops listening. Commands keep running. */
  close(): Promise<void>;
}

/**
 * Serves the API of the hosted service on 127.0.0.1, backed by the same operations as the window.
 *
 * @throws SandglassError `conflict` if the port is taken
 */
export async function serveApi(
  sandglass: Engine,
  options: {
    port: number;
    socketPath?: string | null;
    key: () => string;
    onError?: (thrown: unknown) => void;
  },
): Promise<ApiServer> {
  const access = keyAccess(options.key);
  const report = (thrown: unknown) => options.onError?.(thrown);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    rewriteUrl: ({ url = '/' }) => canonicalUrl(url),
    // Snapshot names contain slashes, which clients percent-encode.
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
    serverFactory: (handler) => createHttpServer(handler),
    // `createHttpServer` handles client errors itself.
    clientErrorHandler: () => {},
    frameworkErrors: (_thrown, request, reply) => {
      const message = 'The URL is malformed. Percent-encode each path segment.';
      const { status, body } =
        access.refusal(request.raw) ?? wireError(400, 'InvalidRequest', message);
      void (reply as FastifyReply)
        .code(status)
        .header('x-content-type-options', 'nosniff')
        .send(body);
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptEmptyJsonBody(app);
  app.addHook('onRequest', async (request, reply) => {
    const { isPublic = false } = request.routeOptions.config;
    void reply.header('x-content-type-options', 'nosniff');
    const refusal = isPublic ? access.foreign(request.raw) : access.refusal(request.raw);
    if (refusal) await reply.code(refusal.status).header('connection', 'close').send(refusal.body);
  });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const { operation } = request.routeOptions.config;
    const { status, body } = errorResponse(thrown, operation, report);
    void reply.code(status).header('x-should-retry', 'false').send(body);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.originalUrl.split('?')[0]?.slice(0, MAX_ECHO_LENGTH);
    const message = `No such endpoint: ${request.method} ${path}.`;
    const { status, body } = wireError(404, 'NotFound', message);
    await reply.code(status).send(body);
  });
  const context: ApiContext = {
    sandglass,
    origin: (request) =>
      request.socket.localPort ? `http://${request.headers.host}` : addressOf(app),
    report,
  };
  await addRoutes(app, context, new DownloadTokens(options.key));
  const sockets = new WebSockets(socketRoutes(context), access.refusal);
  sockets.serve(app.server);
  await listen(app, options.port);
  const local = await listenLocally(app, options.socketPath ?? null).catch(async (thrown) => {
    await app.close();
    throw thrown;
  });
  if (local) sockets.serve(local);
  return {
    address: addressOf(app),
    port: tcpPort(app),
    socketPath: options.socketPath ?? null,
    disconnectAll: () => {
      sockets.disconnectAll();
      app.server.closeAllConnections();
      local?.closeAllConnections();
    },
    close: async () => {
      sockets.close();
      local?.close();
      local?.closeAllConnections();
      await app.close();
    },
  };
}

async function addRoutes(
  app: FastifyInstance,
  context: ApiContext,
  downloads: DownloadTokens,
): Promise<void> {
  await describeRoutes(app);
  const lookup = new SnapshotLookup(context.sandglass.operations);
  const boxes = new BoxLookup(context.sandglass.operations);
  await app.register(
    async (scope) => {
      await scope.register(tagged('Snapshots', snapshotRoutes(context, lookup)));
      await scope.register(tagged('Snapshots', dockerfileRoutes(context, lookup)));
      await scope.register(tagged('Sandboxes', boxRoutes(context, boxes)));
      await scope.register(tagged('Sandboxes', usageRoutes()));
      await scope.register(tagged('Commands', executeRoutes(context)));
      await scope.register(tagged('Commands', executeStreamRoutes(context)));
      await scope.register(tagged('Files', uploadRoutes(context)));
      await scope.register(tagged('Files', fileRoutes(context)));
      await scope.register(tagged('Files', downloadLinkRoutes(context, downloads)));
      await scope.register(tagged('Services', serviceRoutes(context)));
      await scope.register(tagged('Files', archiveRoutes(context)));
      await scope.register(tagged('Registries', registryRoutes(context)));
    },
    { prefix: API_PATH },
  );
  await app.register(downloadRoutes(context, downloads));
  await app.register(docsRoutes(() => addressOf(app)));
}

function socketRoutes(context: ApiContext): SocketRoute[] {
  return [
    {
      path: '/execute/ws',
      open: (sandbox, socket) => new ExecuteSocket(context, sandbox, socket),
    },
    {
      path: '/tunnel',
      open: (sandbox, socket) => new TunnelSocket(context.sandglass, sandbox, socket),
    },
  ];
}

/**
 * Accepts an empty body with `Content-Type: application/json`, which some clients send with DELETE.
 */
function acceptEmptyJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, String(body), done);
  });
}

async function listen(app: FastifyInstance, port: number): Promise<void> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new SandglassError('conflict', `Port ${port} is in use by another program.`, {
      field: 'apiPort',
      hint: 'Quit that program and try again, or choose another port (0 for any free port).',
      cause,
    });
  }
}

function addressOf(app: FastifyInstance): string {
  return `http://127.0.0.1:${tcpPort(app)}`;
}

function tcpPort({ server }: FastifyInstance): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Listens on a Unix socket or named pipe with access for this user only; null without a path. */
async function listenLocally(app: FastifyInstance, path: string | null): Promise<Server | null> {
  if (path === null) return null;
  const server = createHttpServer((request, response) => app.routing(request, response));
  // Removes the socket of a process that crashed. The lock on the home rules out a live owner.
  if (process.platform !== 'win32') rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}

/** Error response for a failed request. Only internal errors are logged. */
function errorResponse(
  thrown: FastifyError,
  operation: OperationType | undefined,
  report: (thrown: unknown) => void,
): WireError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const detail = thrown.validation.slice(0, MAX_ISSUES).map(({ instancePath, message }) => ({
      loc: [thrown.validationContext ?? 'body', ...instancePath.split('/').filter(Boolean)],
      msg: message ?? 'The value is invalid.',
      type: 'value_error',
    }));
    if (operation) {
      const message = detail.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join('; ');
      return wireError(422, operation, message);
    }
    return { status: 422, body: { detail } };
  }
  const { statusCode } = thrown;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return wireError(statusCode, 'InvalidRequest', thrown.message);
  }
  return toWireError(toClientError(thrown, report), operation);
}
