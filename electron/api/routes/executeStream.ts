import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { OutputPosition } from '../../engine/commands';
import { CONNECTION_LOST, type CommandSession } from '../../engine/commands';
import { boxParams } from '../wire/boxes';
import { commandErrorType, executeWire, toSessionInput } from '../wire/execute';
import type { ApiContext } from './context';

/** The client takes a silence of 60 s for a dead connection. Milliseconds. */
const HEARTBEAT_MS = 15_000;
/**
 * After so much a reader is to resume from where it is: by that we know what it has, and what is on the
 * way never grows past what is held for it. Bytes.
 */
const MOST_UNACKNOWLEDGED = 8 * 1024 ** 2;
const offset = z.number().int().min(0).default(0);

/** Commands as server-sent events, in bytes: the Python client's road. */
export function executeStreamRoutes(context: ApiContext): FastifyPluginAsyncZod {
  const { commandSessions } = context.sandglass;

  return async (app) => {
    app.post(
      '/:box/execute/stream/start',
      {
        config: { operation: 'CommandError' },
        schema: {
          operationId: 'startCommandStream',
          summary: 'Start a command, or find it by its id, and read it as server-sent events',
          params: boxParams,
          body: executeWire,
        },
      },
      async ({ params, body }, reply) => {
        const input = toSessionInput({ ...body, close_stdin: true, pty: false });
        const session = await commandSessions.open(params.box, input);
        return await send(reply, session, { stdout: 0, stderr: 0 });
      },
    );

    app.post(
      '/:box/execute/stream/resume',
      {
        config: { operation: 'CommandError' },
        schema: {
          operationId: 'resumeCommandStream',
          summary: 'Read a command on as server-sent events, from where the caller is',
          params: boxParams,
          body: z.object({
            command_id: z.string().min(1).max(128),
            stdout_offset: offset,
            stderr_offset: offset,
          }),
        },
      },
      async ({ params, body }, reply) => {
        try {
          const session = await commandSessions.find(params.box, body.command_id);
          const from = { stdout: body.stdout_offset, stderr: body.stderr_offset };
          return await send(reply, session, from);
        } catch (thrown) {
          const error = toSandglassError(thrown);
          // A sandbox that is not there is an answer of HTTP; a command is one of the stream.
          if (error.field === 'sandbox') throw error;
          return await reply.headers(headers).send(errorEvent(error));
        }
      },
    );
  };

  async function send(
    reply: FastifyReply,
    session: CommandSession,
    from: OutputPosition,
  ): Promise<FastifyReply> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(CONNECTION_LOST));
    const told = withHeartbeats(tell(session, from, gone));
    return await reply.headers(headers).send(Readable.from(told, { objectMode: false }));
  }

  async function* tell(
    session: CommandSession,
    from: OutputPosition,
    gone: AbortController,
  ): AsyncGenerator<string, void, void> {
    const at = { ...from };
    yield event('started', { command_id: session.id, pid: session.pid });
    try {
      for await (const found of session.read(from, gone.signal)) {
        if (!('end' in found)) {
          const { stream, bytes } = found;
          yield event(stream, {
            offset: found.offset,
            data: Buffer.from(bytes).toString('base64'),
          });
          at[stream] = found.offset + bytes.length;
          if (at.stdout - from.stdout + at.stderr - from.stderr < MOST_UNACKNOWLEDGED) continue;
          // It leaves to come back.
          gone.abort(CONNECTION_LOST);
          yield event('ack_required', { stdout_offset: at.stdout, stderr_offset: at.stderr });
          return;
        }
        if ('error' in found.end) throw SandglassError.fromInfo(found.end.error);
        yield event('stream_end', { stream: 'stdout', offset: at.stdout });
        yield event('stream_end', { stream: 'stderr', offset: at.stderr });
        yield event('exit', { exit_code: found.end.exitCode });
      }
    } catch (thrown) {
      const error = toSandglassError(thrown);
      if (error.code === 'internal') context.report(thrown);
      yield errorEvent(error);
    }
  }
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** Its name is in its data too, as in a frame of the WebSocket. */
function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function errorEvent(error: SandglassError): string {
  const isOurs = error.code === 'internal';
  const said = isOurs
    ? 'A fault in Sandglass. Its log has the details.'
    : [error.message, error.hint].filter(Boolean).join(' ');
  return event('error', { error_type: commandErrorType(error), error: said });
}

/** Says now and then that we are still there. */
async function* withHeartbeats(
  events: AsyncGenerator<string, void, void>,
): AsyncGenerator<string, void, void> {
  let next = events.next();
  try {
    for (;;) {
      const quiet = new AbortController();
      const beat = sleep(HEARTBEAT_MS, null, { signal: quiet.signal, ref: false });
      const found = await Promise.race([next, beat.catch(() => null)]);
      quiet.abort();
      if (found?.done) return;
      if (found) next = events.next();
      yield found ? found.value : ': heartbeat\n\n';
    }
  } finally {
    // A caller that is gone asks for no more: the command is to know that nobody reads it.
    await events.return();
  }
}
