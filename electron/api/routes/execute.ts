import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { runToEnd } from '../../engine/commands';
import { boxParams } from '../wire/boxes';
import { commandListWire, toCommandWire } from '../wire/commands';
import { executeWire, toSessionInput } from '../wire/execute';
import type { ApiContext } from './context';

/** Bytes of stdout and stderr together: the response is built in memory. */
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

/** Commands over plain HTTP, one request each, and the list of commands. */
export function executeRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/:box/commands',
      {
        schema: {
          operationId: 'listCommands',
          summary: 'List running and retained commands, newest first',
          params: boxParams,
          response: { 200: commandListWire },
        },
      },
      async ({ params }) => {
        const sessions = await sandglass.commandSessions.list(params.box);
        return { commands: sessions.map(toCommandWire) };
      },
    );

    app.post(
      '/:box/execute',
      {
        config: { operation: 'CommandError' },
        schema: {
          operationId: 'runCommand',
          summary: 'Run a command and wait for its end',
          params: boxParams,
          body: executeWire,
          response: {
            200: z.object({ stdout: z.string(), stderr: z.string(), exit_code: z.number() }),
          },
        },
      },
      async (request, reply) => {
        const session = await sandglass.commandSessions.open(request.params.box, {
          ...toSessionInput({ ...request.body, close_stdin: true, pty: false }),
          killOnDisconnect: true,
          ttlSeconds: 0,
        });
        if (session.notice) void reply.header('x-sandglass-notice', session.notice);
        const disconnected = new AbortController();
        reply.raw.once('close', () => disconnected.abort());
        const { stdout, stderr, exitCode } = await runToEnd(session, {
          signal: disconnected.signal,
          maxOutputBytes: MAX_OUTPUT_BYTES,
        });
        return { stdout, stderr, exit_code: exitCode };
      },
    );
  };
}
