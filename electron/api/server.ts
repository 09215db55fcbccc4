import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { Engine } from '../engine/engine';
import { keyAccess } from './access';
import { BoxLookup } from './boxLookup';
import { docsRoutes } from './docs/docsRoutes';
import { describeRoutes, hide, tagged } from './docs/openapi';
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
import { type OperationType, toWireError, type WireError, wireError } from './wire/errors';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does in a sandbox: its failures are told as such. */
    operation?: OperationType;
  }
}

/** The client's versions differ in it. */
const prefixes = ['/v2/sandboxes', '/api/v2/sandboxes'];

/** A request's JSON: no field is long, and files do not come this way. */
const BODY_LIMIT = 1024 ** 2;
/** Of what a caller sent wrongly, it is told this much. */
const LONGEST_ECHO = 200;
const MOST_ISSUES = 20;

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  /** The same on a Unix socket or a named pipe; null where none was asked for. */
  readonly socketPath: string | null;
  /** Cuts every connection: who comes back is asked for the key again. Commands go on. */
  disconnectAll(): void;
  /** Tells clients to come back, and lets go of the port. Commands go on. */
  close(): Promise<void>;
}

/**
 * Serves the hosted service's API on 127.0.0.1, over the same operations as the window.
 *
 * @throws SandglassError `conflict` when the port is taken
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
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // A snapshot's name has slashes, which clients encode.
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
    serverFactory: (handler) => createHttpServer(handler),
    // It answers them itself.
    clientErrorHandler: () => {},
    frameworkErrors: (_thrown, request, reply) => {
      const said = 'This address cannot be read. Encode its parts as encodeURIComponent does.';
      const { status, body } =
        access.refusal(request.raw) ?? wireError(400, 'InvalidRequest', said);
      void (reply as FastifyReply)
        .code(status)
        .header('x-content-type-options', 'nosniff')
        .send(body);
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptEmptyJson(app);
  app.addHook('onRequest', async (request, reply) => {
    const { isPublic = false } = request.routeOptions.config;
    void reply.header('x-content-type-options', 'nosniff');
    const refusal = isPublic ? access.foreign(request.raw) : access.refusal(request.raw);
    if (refusal) await reply.code(refusal.status).header('connection', 'close').send(refusal.body);
  });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const { operation } = request.routeOptions.config;
    const { status, body } = describe(thrown, operation, options.onError);
    void reply.code(status).header('x-should-retry', 'false').send(body);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0]?.slice(0, LONGEST_ECHO);
    const said = `There is nothing at ${request.method} ${path}.`;
    const { status, body } = wireError(404, 'NotFound', said);
    await reply.code(status).send(body);
  });
  const context: ApiContext = {
    sandglass,
    origin: (request) =>
      request.socket.localPort ? `http://${request.headers.host}` : addressOf(app),
    report: (thrown) => options.onError?.(thrown),
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
      sockets.leaveAll();
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
  for (const prefix of prefixes) {
    await app.register(
      async (scope) => {
        // Described once: the other one is the same.
        if (prefix !== prefixes[0]) scope.addHook('onRoute', (route) => hide(route));
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
      { prefix },
    );
  }
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

/** Clients that always name JSON send it also where there is no body, as with DELETE. */
function acceptEmptyJson(app: FastifyInstance): void {
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
    throw new SandglassError('conflict', `The port ${port} is taken by another program.`, {
      field: 'apiPort',
      hint: 'End that program and try again, or choose another port: 0 finds a free one.',
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

/** On a socket that only this user may open; null where there is none. */
async function listenLocally(app: FastifyInstance, path: string | null): Promise<Server | null> {
  if (path === null) return null;
  const server = createHttpServer((request, response) => app.routing(request, response));
  // What an app that was killed has left; the lock on the home says that it is nobody's.
  if (process.platform !== 'win32') rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}

/** What a failed request is answered with; only a fault of ours is news to the log. */
function describe(
  thrown: FastifyError,
  operation?: OperationType,
  onError?: (thrown: unknown) => void,
): WireError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const detail = thrown.validation.slice(0, MOST_ISSUES).map(({ instancePath, message }) => ({
      loc: [thrown.validationContext ?? 'body', ...instancePath.split('/').filter(Boolean)],
      msg: message ?? 'It is not valid.',
      type: 'value_error',
    }));
    if (operation) {
      const said = detail.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join('; ');
      return wireError(422, operation, said);
    }
    return { status: 422, body: { detail } };
  }
  const { statusCode } = thrown;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return wireError(statusCode, 'InvalidRequest', thrown.message);
  }
  const error = toSandglassError(thrown);
  if (error.code === 'internal') {
    onError?.(thrown);
    return wireError(500, 'InternalError', 'A fault in Sandglass. Its log has the details.');
  }
  return toWireError(error, operation);
}
