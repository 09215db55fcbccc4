import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Snapshot } from '#shared/contract/snapshots';
import { SandglassError, toSandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { runConfigWire, toRunConfigChange } from '../wire/runConfig';
import { type SnapshotWire, snapshotWire, toSnapshotWire } from '../wire/snapshots';
import type { ApiContext } from './context';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_ON_A_PAGE = 500;
/** Failed builds that are remembered: their client asks within seconds. */
const KEPT_FAILURES = 1000;

export const listQuery = z.object({
  name_contains: z.string().optional().describe('Without regard to case.'),
  limit: z.coerce.number().optional().describe('The most on a page, 1 to 500; 50 unless given.'),
  page_size: z.coerce.number().optional().describe('Another word for limit.'),
  offset: z.coerce.number().optional().describe('How many to pass over.'),
  cursor: z.string().optional().describe('The next_cursor of the page before.'),
  status: z.string().optional().describe('Only those in this state.'),
});
const snapshotParams = z.object({
  snapshot: z.string().describe('The snapshot, by its id, its name or name:tag.'),
});

/** Snapshots: build, get, list, delete, and their tags. */
export function snapshotRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  const { snapshots, tasks } = sandglass.operations;
  const started = new Map<string, SnapshotWire>();

  const remember = (snapshot: Snapshot): SnapshotWire => {
    const wire = toSnapshotWire(snapshot);
    started.set(wire.id, wire);
    const [oldest] = started.keys();
    if (started.size > KEPT_FAILURES && oldest) started.delete(oldest);
    return wire;
  };

  /** The engine keeps no row of what failed; its client asks for it to learn why. */
  const failure = async (id: string): Promise<SnapshotWire | null> => {
    const task = (await tasks.list()).find(({ snapshotId }) => snapshotId === id);
    const wire = started.get(id);
    if (!wire || !task?.endedAt || task.state === 'succeeded') return null;
    const { error } = task;
    const said = error
      ? [error.message, error.hint].filter(Boolean).join(' ')
      : 'It was cancelled.';
    return { ...wire, status: 'failed', status_message: said };
  };

  const get = async (reference: string): Promise<SnapshotWire> => {
    if (!uuid.test(reference)) return toSnapshotWire(await snapshots.find({ name: reference }));
    try {
      return toSnapshotWire(await snapshots.get({ id: reference.toLowerCase() }));
    } catch (thrown) {
      const failed = await failure(reference);
      if (failed) return failed;
      throw thrown;
    }
  };

  const allWith = async (status: string, nameContains?: string): Promise<Snapshot[]> => {
    const found: Snapshot[] = [];
    for (let offset = 0; ; offset += MOST_ON_A_PAGE) {
      const page = await snapshots.list({ limit: MOST_ON_A_PAGE, offset, nameContains });
      found.push(...page.snapshots.filter((snapshot) => snapshot.status === status));
      if (page.snapshots.length < MOST_ON_A_PAGE) return found;
    }
  };

  return async (app) => {
    app.post(
      '/snapshots',
      {
        schema: {
          operationId: 'createSnapshot',
          summary: 'Build a snapshot from a Docker image',
          body: z.object({
            name: z.string(),
            docker_image: z.string(),
            fs_capacity_bytes: z.number().nullish(),
            tag: z.string().nullish(),
            registry_id: z.string().nullish(),
            registry_url: z.string().nullish(),
            registry_username: z.string().nullish(),
            registry_password: z.string().nullish(),
            run_config: runConfigWire.nullish(),
            labels: z.record(z.string(), z.string()).nullish(),
            description: z.string().nullish(),
          }),
          response: { 201: snapshotWire },
        },
      },
      async ({ body }, reply) => {
        const { snapshot } = await snapshots.create({
          name: body.name,
          image: body.docker_image,
          fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
          tag: body.tag ?? undefined,
          registryId: body.registry_id ?? undefined,
          registryUrl: body.registry_url ?? undefined,
          registryUsername: body.registry_username ?? undefined,
          registryPassword: body.registry_password ?? undefined,
          runConfig: toRunConfigChange(body.run_config),
          labels: body.labels ?? undefined,
          note: body.description ?? undefined,
        });
        return await reply.code(201).send(remember(snapshot));
      },
    );

    app.get(
      '/snapshots',
      {
        schema: {
          operationId: 'listSnapshots',
          summary: 'List snapshots, newest first',
          querystring: listQuery,
          response: {
            200: z.object({
              items: z.array(snapshotWire),
              snapshots: z.array(snapshotWire),
              next_cursor: z.string().nullable(),
              offset: z.number(),
            }),
          },
        },
      },
      async ({ query }) => {
        const offset = query.cursor ? readCursor(query.cursor) : query.offset;
        const asked = { limit: query.limit ?? query.page_size, offset };
        const nameContains = query.name_contains;
        // Checks the numbers, by whatever the page is made.
        const page = await snapshots.list({ ...asked, nameContains });
        const from = offset ?? 0;
        const chosen = query.status ? await allWith(query.status, nameContains) : null;
        const items = chosen ? chosen.slice(from, from + (asked.limit ?? 50)) : page.snapshots;
        const total = chosen?.length ?? page.total;
        const next = from + items.length;
        const isLast = next >= total;
        const wire = items.map(toSnapshotWire);
        return {
          items: wire,
          snapshots: wire,
          next_cursor: isLast ? null : String(next),
          offset: isLast ? 0 : next,
        };
      },
    );

    app.get(
      '/snapshots/:snapshot',
      {
        schema: {
          operationId: 'getSnapshot',
          summary: 'Get a snapshot by its id, its name or name:tag',
          params: snapshotParams,
          response: { 200: snapshotWire },
        },
      },
      ({ params }) => get(params.snapshot),
    );

    app.delete(
      '/snapshots/:snapshot',
      {
        schema: {
          operationId: 'deleteSnapshot',
          summary: 'Delete a snapshot that no sandbox uses',
          params: snapshotParams,
          response: { 204: z.null() },
        },
      },
      async ({ params }, reply) => {
        const { id, status } = await get(params.snapshot);
        if (status === 'failed') started.delete(id);
        else await snapshots.delete({ id });
        return await reply.code(204).send(null);
      },
    );

    app.get(
      '/snapshots-by-name/*',
      {
        schema: {
          operationId: 'listSnapshotTags',
          summary: 'The tags of a snapshot name',
          params: z.object({ '*': z.string().describe('The name, without a tag.') }),
          response: {
            200: z.object({
              name: z.string(),
              tags: z.array(z.object({ tag: z.string(), snapshot_id: z.string() })),
            }),
          },
        },
      },
      async ({ params }) => {
        const name = params['*'];
        const ready = (await allWith('ready', name)).filter((found) => found.name === name);
        const [newest] = ready;
        if (!newest) throw new SandglassError('not_found', `There is no snapshot "${name}".`);
        const tagged = ready.flatMap(({ tag, id }) => (tag ? [{ tag, snapshot_id: id }] : []));
        return { name, tags: [{ tag: 'latest', snapshot_id: newest.id }, ...tagged] };
      },
    );

    app.post(
      '/boxes/:box/snapshot',
      {
        schema: {
          operationId: 'captureSnapshot',
          summary: 'Capture a sandbox as a snapshot',
          params: boxParams,
          body: z.object({
            name: z.string(),
            tag: z.string().nullish(),
            fs_capacity_bytes: z.number().nullish(),
            docker_image: z.string().nullish(),
            run_config: runConfigWire.nullish(),
            labels: z.record(z.string(), z.string()).nullish(),
            description: z.string().nullish(),
          }),
          response: { 201: snapshotWire },
        },
      },
      async ({ params, body }, reply) => {
        const described = {
          name: body.name,
          tag: body.tag ?? undefined,
          fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
          runConfig: toRunConfigChange(body.run_config),
          labels: body.labels ?? undefined,
          note: body.description ?? undefined,
        };
        const { snapshot } = await snapshots.capture({
          ...described,
          sandbox: params.box,
          builtImage: body.docker_image ?? undefined,
        });
        return await reply.code(201).send(remember(snapshot));
      },
    );
  };
}

function readCursor(cursor: string): number {
  const offset = Number(cursor);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw toSandglassError(
    new SandglassError('invalid_input', 'cursor: this is no cursor of ours.', { field: 'cursor' }),
  );
}
