import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { SnapshotLookup } from '../snapshotLookup';
import { runConfigInput, toRunConfigChange } from '../wire/runConfig';
import { snapshotParams, snapshotWire, tagOf } from '../wire/snapshots';
import type { ApiContext } from './context';

const LONGEST_WAIT_SECONDS = 86_400;

/** A record in a query: as JSON. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'This is a JSON object.' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const textRecord = z.record(z.string(), z.string());

/** Dockerfiles built by this computer's Docker, from a context in the request, and their logs. */
export function dockerfileRoutes(
  { sandglass }: ApiContext,
  lookup: SnapshotLookup,
): FastifyPluginAsyncZod {
  const { snapshots, tasks } = sandglass.operations;

  /** Removes the context when its build has ended. */
  const removeAfter = async (folder: string, taskId: string): Promise<void> => {
    for (;;) {
      try {
        await tasks.wait({ id: taskId, timeoutSeconds: LONGEST_WAIT_SECONDS });
        break;
      } catch (thrown) {
        if (toSandglassError(thrown).code !== 'timeout') break;
      }
    }
    await rm(folder, { recursive: true, force: true });
  };

  return async (app) => {
    // Whatever a caller calls an archive: its body is read as it comes, not into memory.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));

    app.post(
      '/snapshots/build',
      {
        schema: {
          operationId: 'buildSnapshot',
          summary: 'Build a snapshot from a Dockerfile; the body is its context as a tar archive',
          querystring: z.object({
            name: z.string().describe('As lowercase components, joined by slashes.'),
            tag: z.string().optional().describe('Names this one version.'),
            dockerfile: z.string().optional().describe('Relative to the context.'),
            target: z.string().optional().describe('The stage to build; the last unless given.'),
            build_args: json(textRecord).optional().describe('A JSON object of texts.'),
            fs_capacity_bytes: z.coerce
              .number()
              .optional()
              .describe('Disk of its sandboxes, in bytes.'),
            labels: json(textRecord).optional().describe('A JSON object of texts.'),
            description: z.string().optional().describe('For people.'),
            run_config: json(runConfigInput).optional().describe('JSON, as for every snapshot.'),
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
          await receive(request, context);
          const made = await snapshots.build({
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
          void removeAfter(folder, made.task.id);
          return await reply.code(201).send(await lookup.begun(made));
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
          summary: 'What the build of a snapshot has said, or says until it ends',
          params: snapshotParams,
          querystring: z.object({
            follow: z.enum(['true', 'false']).optional().describe('Goes on until the build ends.'),
          }),
        },
      },
      async ({ params, query }, reply) => {
        const { id } = await lookup.task(params.snapshot);
        void reply.type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff');
        if (query.follow !== 'true') return await reply.send((await tasks.log({ id })).text);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const log = Readable.from(sandglass.taskLogs.follow(id, gone.signal), {
          objectMode: false,
        });
        return await reply.send(log);
      },
    );
  };
}

async function receive({ raw }: FastifyRequest, file: string): Promise<void> {
  try {
    await pipeline(raw, createWriteStream(file));
  } catch (cause) {
    if (!raw.errored) throw cause;
    throw new SandglassError('cancelled', 'The caller went away.', { cause });
  }
}
