import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { commandWire, toCommandWire } from '../wire/commands';
import { executeWire, toSessionInput } from '../wire/execute';
import type { ApiContext } from './context';

const START = { stdout: 0, stderr: 0 };
/** An answer is made in memory; a WebSocket takes any length. Bytes of both streams. */
const MOST_OUTPUT = 64 * 1024 ** 2;

/** Commands over plain HTTP: one request, one answer; and which there are. */
export function executeRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/:box/commands',
      {
        schema: {
          operationId: 'listCommands',
          summary: 'List the commands that run or are still kept, newest first',
          params: boxParams,
          response: { 200: z.object({ commands: z.array(commandWire) }) },
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
          summary: 'Run a command to its end',
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
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
        let length = 0;
        for await (const event of session.read(START, gone.signal)) {
          if (!('end' in event)) {
            output[event.stream].push(event.bytes);
            length += event.bytes.length;
            if (length > MOST_OUTPUT) throw tooLong();
          } else if ('error' in event.end) throw SandglassError.fromInfo(event.end.error);
          else {
            const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString('utf8');
            const { stdout, stderr } = output;
            return { stdout: text(stdout), stderr: text(stderr), exit_code: event.end.exitCode };
          }
        }
        throw new SandglassError('cancelled', 'The caller went away.');
      },
    );
  };
}

function tooLong(): SandglassError {
  const mebibytes = MOST_OUTPUT / 1024 ** 2;
  return new SandglassError(
    'capacity_exceeded',
    `The command said more than ${mebibytes} MiB and was killed.`,
    { hint: 'Have it write to a file, or run it over the WebSocket.' },
  );
}
