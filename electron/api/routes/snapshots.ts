import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import type { SnapshotLookup } from '../snapshotLookup';
import { boxParams } from '../wire/boxes';
import { unsupportedOption } from '../wire/errors';
import { listQuery, type Page, pageBounds, pageOf, select, toList } from '../wire/listing';
import { runConfigInput, toRunConfigChange } from '../wire/runConfig';
import {
  type SnapshotWire,
  snapshotListWire,
  snapshotParams,
  snapshotWire,
  tagOf,
  toSnapshotWire,
} from '../wire/snapshots';
import type { ApiContext } from './context';

const includable = [
  'all',
  'mounts',
  'proxy_config',
  'env_vars',
  'resources',
  'lifecycle',
  'labels',
] as const;

const snapshotList = listQuery(['name', 'status', 'created_at']);

/** Snapshots: create, get, list, delete, capture, and their tags. */
export function snapshotRoutes(
  { sandglass }: ApiContext,
  lookup: SnapshotLookup,
): FastifyPluginAsyncZod {
  const { snapshots } = sandglass.operations;

  /** Page of snapshots. Without filters the catalog pages itself. */
  const list = async (query: z.infer<typeof snapshotList>): Promise<Page<SnapshotWire>> => {
    const nameContains = query.name_contains;
    if (query.status ?? query.label ?? query.sort_by ?? query.sort_order ?? query.sort_direction) {
      return pageOf(select(await lookup.all(nameContains), query), query);
    }
    const bounds = pageBounds(query);
    const page = await snapshots.list({ ...bounds, nameContains });
    const next = bounds.offset + page.snapshots.length;
    return { items: page.snapshots.map(toSnapshotWire), next: next < page.total ? next : null };
  };

  return async (app) => {
    app.post(
      '/snapshots',
      {
        schema: {
          operationId: 'createSnapshot',
          summary: 'Create a snapshot from a Docker image',
          body: z.object({
            name: z.string(),
            docker_image: z.string(),
            fs_capacity_bytes: z.number().nullish(),
            tag: z.string().nullish(),
            registry_id: z.string().nullish(),
            registry_url: z.string().nullish(),
            registry_username: z.string().nullish(),
            registry_password: z.string().nullish(),
            run_config: runConfigInput.nullish(),
            labels: z.record(z.string(), z.string()).nullish(),
            description: z.string().nullish(),
          }),
          response: { 201: snapshotWire },
        },
      },
      async ({ body }, reply) => {
        const started = await snapshots.create({
          name: body.name,
          image: body.docker_image,
          fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
          tag: tagOf(body.tag),
          registryId: body.registry_id ?? undefined,
          registryUrl: body.registry_url ?? undefined,
          registryUsername: body.registry_username ?? undefined,
          registryPassword: body.registry_password ?? undefined,
          runConfig: toRunConfigChange(body.run_config),
          labels: body.labels ?? undefined,
          note: body.description ?? undefined,
        });
        return await reply.code(201).send(await lookup.respondStarted(started));
      },
    );

    app.get(
      '/snapshots',
      {
        schema: {
          operationId: 'listSnapshots',
          summary: 'List snapshots, newest first',
          querystring: snapshotList,
          response: { 200: snapshotListWire },
        },
      },
      async ({ query }) => toList(await list(query), 'snapshots'),
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
      ({ params }) => lookup.get(params.snapshot),
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
        const { id, status } = await lookup.get(params.snapshot);
        if (status === 'failed') lookup.forget(id);
        else await snapshots.delete({ id });
        return await reply.code(204).send(null);
      },
    );

    app.get(
      '/snapshots-by-name/*',
      {
        schema: {
          operationId: 'listSnapshotTags',
          summary: 'List the tags of a snapshot name',
          params: z.object({ '*': z.string().describe('Snapshot name without a tag.') }),
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
        const ready = (await lookup.all(name)).filter(
          (found) => found.name === name && found.status === 'ready',
        );
        const [newest] = ready;
        if (!newest) throw new SandglassError('not_found', `No snapshot is named "${name}".`);
        const tagged = ready.flatMap(({ tags, id }) =>
          tags.map((tag) => ({ tag, snapshot_id: id })),
        );
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
          querystring: z.object({
            exclude: z
              .union([z.string(), z.array(z.string())])
              .optional()
              .describe('Absolute path to exclude; repeatable.'),
          }),
          body: z.object({
            name: z.string(),
            tag: z.string().nullish(),
            fs_capacity_bytes: z.number().nullish(),
            docker_image: z.string().nullish(),
            run_config: runConfigInput.nullish(),
            labels: z.record(z.string(), z.string()).nullish(),
            description: z.string().nullish(),
            include: z.array(z.enum(includable)).nullish(),
            include_memory: z.boolean().nullish(),
            checkpoint: z.string().nullish(),
            image_config: z.unknown().optional(),
          }),
          response: { 201: snapshotWire },
        },
      },
      async ({ params, query, body }, reply) => {
        refuseUncapturable(body);
        const described = {
          name: body.name,
          tag: tagOf(body.tag),
          fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
          runConfig: toRunConfigChange(body.run_config),
          labels: body.labels ?? undefined,
          note: body.description ?? undefined,
        };
        const started = await snapshots.capture({
          ...described,
          sandbox: params.box,
          builtImage: body.docker_image ?? undefined,
          exclude: query.exclude === undefined ? undefined : [query.exclude].flat(),
        });
        return await reply.code(201).send(await lookup.respondStarted(started));
      },
    );
  };
}

/** Sandbox settings that every capture includes. */
const alwaysCaptured: readonly string[] = ['env_vars', 'labels'];

/**
 * Rejects options that a local capture does not support.
 *
 * @throws SandglassError `invalid_input`
 */
function refuseUncapturable(body: {
  include?: string[] | null;
  include_memory?: boolean | null;
  checkpoint?: string | null;
  image_config?: unknown;
}): void {
  const more = (body.include ?? []).find((setting) => !alwaysCaptured.includes(setting));
  const reasons: Array<[field: string, isRequested: boolean, reason: string]> = [
    [
      'include',
      more !== undefined,
      `local snapshots include files, ${alwaysCaptured.join(' and ')}, not "${more}"`,
    ],
    ['include_memory', body.include_memory === true, 'local snapshots do not include memory'],
    [
      'checkpoint',
      Boolean(body.checkpoint),
      'checkpoints are not supported; a capture is alwaysCaptured now',
    ],
    ['image_config', Boolean(body.image_config), 'the command of a snapshot is never run'],
  ];
  for (const [field, isRequested, reason] of reasons) {
    if (isRequested) throw unsupportedOption(field, reason);
  }
}
