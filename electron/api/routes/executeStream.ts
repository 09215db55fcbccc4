import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import { CONNECTION_LOST, type CommandSession, type OutputPosition } from '../../engine/commands';
import { boxParams } from '../wire/boxes';
import { errorText, toClientError } from '../wire/errors';
import { commandErrorType, executeWire, toSessionInput } from '../wire/execute';
import type { StreamEvent } from '../wire/executeFrames';
import type { ApiContext } from './context';

/** Milliseconds between heartbeats. The client treats 60 s of silence as a dead connection. */
const HEARTBEAT_INTERVAL_MS = 15_000;
/**
 * Bytes after which a client has to resume from its offsets. This acknowledges what it has received
 * and keeps the data in flight below the retained output.
 */
const MAX_UNACKNOWLEDGED_BYTES = 8 * 1024 ** 2;
const offset = z.number().int().min(0).default(0);

/** Commands as server-sent events with base64 data, as the Python SDK reads them. */
export function executeStreamRoutes(context: ApiContext): FastifyPluginAsyncZod {
  const { commandSessions } = context.sandglass;

  return async (app) => {
    app.post(
      '/:box/execute/stream/start',
      {
        config: { operation: 'CommandError' },
        schema: {
          operationId: 'startCommandStream',
          summary:
            'Start a command, or attach to it by its id, and stream it as server-sent events',
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
          summary: 'Resume the stream of a command from given offsets',
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
          const error = toClientError(thrown, context.report);
          // An unknown sandbox is an HTTP error; an unknown command is an event of the stream.
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
    const disconnected = new AbortController();
    reply.raw.once('close', () => disconnected.abort(CONNECTION_LOST));
    const events = withHeartbeats(streamOutput(session, from, disconnected));
    return await reply.headers(headers).send(Readable.from(events, { objectMode: false }));
  }

  async function* streamOutput(
    session: CommandSession,
    from: OutputPosition,
    disconnected: AbortController,
  ): AsyncGenerator<string, void, void> {
    const at = { ...from };
    yield event({ type: 'started', command_id: session.id, pid: await session.pid() });
    try {
      for await (const found of session.read(from, disconnected.signal)) {
        if (!('end' in found)) {
          const { stream, bytes } = found;
          yield event({
            type: stream,
            offset: found.offset,
            data: Buffer.from(bytes).toString('base64'),
          });
          at[stream] = found.offset + bytes.length;
          if (at.stdout - from.stdout + at.stderr - from.stderr < MAX_UNACKNOWLEDGED_BYTES)
            continue;
          // The client is about to resume.
          disconnected.abort(CONNECTION_LOST);
          yield event({ type: 'ack_required', stdout_offset: at.stdout, stderr_offset: at.stderr });
          return;
        }
        if ('error' in found.end) throw SandglassError.fromInfo(found.end.error);
        yield event({ type: 'stream_end', stream: 'stdout', offset: at.stdout });
        yield event({ type: 'stream_end', stream: 'stderr', offset: at.stderr });
        yield event({ type: 'exit', exit_code: found.end.exitCode });
      }
    } catch (thrown) {
      yield errorEvent(toClientError(thrown, context.report));
    }
  }
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** The type is part of the data too, as in the WebSocket frames. */
function event(data: StreamEvent): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorEvent(error: SandglassError): string {
  return event({ type: 'error', error_type: commandErrorType(error), error: errorText(error) });
}

/** Inserts a comment line as a heartbeat whenever no event has been sent for a while. */
async function* withHeartbeats(
  events: AsyncGenerator<string, void, void>,
): AsyncGenerator<string, void, void> {
  let next = events.next();
  try {
    for (;;) {
      const timer = new AbortController();
      const heartbeat = sleep(HEARTBEAT_INTERVAL_MS, null, { signal: timer.signal, ref: false });
      const found = await Promise.race([next, heartbeat.catch(() => null)]);
      timer.abort();
      if (found?.done) return;
      if (found) next = events.next();
      yield found ? found.value : ': heartbeat\n\n';
    }
  } finally {
    // Detaches from the session, so that it does not wait for a reader that has left.
    await events.return();
  }
}
