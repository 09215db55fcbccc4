import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toSandglassError } from '#shared/errors';
import type { SnapshotLookup } from '../snapshotLookup';
import { runConfigInput, toRunConfigChange } from '../wire/runConfig';
import { snapshotParams, snapshotWire, tagOf } from '../wire/snapshots';
import { leaveBodyUnparsed, saveBody } from './bodies';
import type { ApiContext } from './context';

const MAX_WAIT_SECONDS = 86_400;

/** JSON-encoded query parameter. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'This must be a JSON object.' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const textRecord = z.record(z.string(), z.string());

/**
 * Builds Dockerfiles on this computer's Docker from a context in the request body, and serves build
 * logs.
 */
export function dockerfileRoutes(
  { sandglass }: ApiContext,
  lookup: SnapshotLookup,
): FastifyPluginAsyncZod {
  const { snapshots, tasks } = sandglass.operations;

  /** Removes the build context when the build has ended. */
  const removeWhenBuilt = async (folder: string, taskId: string): Promise<void> => {
    for (;;) {
      try {
        await tasks.wait({ id: taskId, timeoutSeconds: MAX_WAIT_SECONDS });
        break;
      } catch (thrown) {
        if (toSandglassError(thrown).code !== 'timeout') break;
      }
    }
    await rm(folder, { recursive: true, force: true });
  };

  return async (app) => {
    leaveBodyUnparsed(app);

    app.post(
      '/snapshots/build',
      {
        schema: {
          operationId: 'buildSnapshot',
          summary:
            'Build a snapshot from a Dockerfile; the body is the build context as a tar archive',
          querystring: z.object({
            name: z.string().describe('Lowercase components, separated by slashes.'),
            tag: z.string().optional().describe('Tag of this version.'),
            dockerfile: z.string().optional().describe('Path relative to the context.'),
            target: z.string().optional().describe('Build stage; the last one by default.'),
            build_args: json(textRecord).optional().describe('A JSON object with string values.'),
            fs_capacity_bytes: z.coerce
              .number()
              .optional()
              .describe('Disk capacity of its sandboxes in bytes.'),
            labels: json(textRecord).optional().describe('A JSON object with string values.'),
            description: z.string().optional().describe('Free text.'),
            run_config: json(runConfigInput)
              .optional()
              .describe('A JSON object, as for other snapshots.'),
          }),
          response: { 201: snapshotWire },
        },
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      async (request, reply) => {
        const { query } = request;
        const folder = await mkdtemp(join(tmpdir(), 'sandglass-build-'));
        try {
          const context = join(folder, 'context.tar');
          await saveBody(request.raw, context);
          const started = await snapshots.build({
            name: query.name,
            tag: tagOf(query.tag),
            context,
            dockerfile: query.dockerfile,
            target: query.target,
            buildArgs: query.build_args,
            fsCapacityBytes: query.fs_capacity_bytes,
            labels: query.labels,
            note: query.description,
            runConfig: toRunConfigChange(query.run_config),
          });
          void removeWhenBuilt(folder, started.task.id);
          return await reply.code(201).send(await lookup.respondStarted(started));
        } catch (thrown) {
          await rm(folder, { recursive: true, force: true });
          throw thrown;
        }
      },
    );

    app.get(
      '/snapshots/:snapshot/log',
      {
        schema: {
          operationId: 'getSnapshotLog',
          summary: 'Get the build log of a snapshot',
          params: snapshotParams,
          querystring: z.object({
            follow: z.enum(['true', 'false']).optional().describe('Streams until the build ends.'),
          }),
        },
      },
      async ({ params, query }, reply) => {
        const { id } = await lookup.task(params.snapshot);
        void reply.type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff');
        if (query.follow !== 'true') return await reply.send((await tasks.log({ id })).text);
        const disconnected = new AbortController();
        reply.raw.once('close', () => disconnected.abort());
        const log = Readable.from(sandglass.taskLogs.follow(id, disconnected.signal), {
          objectMode: false,
        });
        return await reply.send(log);
      },
    );
  };
}
