import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import { Creations } from '../creations';
import { isId } from '../snapshotLookup';
import { type BoxWire, boxParams, boxWire, toBoxWire } from '../wire/boxes';
import {
  listQuery,
  listSchema,
  type PageQuery,
  pageOf,
  refuseTagValues,
  select,
  toList,
} from '../wire/listing';
import { mountConfigWire, toGitMounts } from '../wire/mounts';
import { proxyConfigInput, toEgress } from '../wire/proxyConfig';
import { runConfigInput, toRunConfigChange } from '../wire/runConfig';
import { type ApiContext, baseOf } from './context';

/** The hosted service's defaults: ten minutes, fourteen days. */
const IDLE_TTL_SECONDS = 600;
const DELETE_AFTER_STOP_SECONDS = 1_209_600;
const CREATE_TIMEOUT_SECONDS = 30;

const boxList = listQuery([
  'name',
  'status',
  'created_at',
  'stopped_at',
  'idle_ttl_seconds',
  'delete_after_stop_seconds',
]).extend({ tag_value_id: z.unknown().optional().describe('Refused: there are no workspaces.') });

const ttl = z
  .number()
  .refine(
    (seconds) => seconds % 60 === 0,
    'A lifetime is a multiple of 60 seconds, or 0 for never.',
  )
  .nullish();

/** Sandboxes: create, get, list, change, start, stop, delete. */
export function boxRoutes(context: ApiContext): FastifyPluginAsyncZod {
  const { sandboxes, tasks } = context.sandglass.operations;
  const creations = new Creations<BoxWire>(tasks);

  const get = async (reference: string, base: string): Promise<BoxWire> => {
    try {
      return toBoxWire(await sandboxes.get({ sandbox: reference }), base);
    } catch (thrown) {
      const failed = await creations.failed(reference);
      if (failed) return failed;
      throw thrown;
    }
  };

  const isThere = async (id: string): Promise<boolean> =>
    (await sandboxes.list()).some((sandbox) => sandbox.id === id);

  /** Whatever its state: what is still being made is no longer made. */
  const remove = async (reference: string): Promise<void> => {
    const { id, status } = await get(reference, '');
    creations.forget(id);
    if (status === 'failed' && !(await isThere(id))) return;
    const making = (await tasks.list()).find(
      ({ kind, sandboxId, endedAt }) =>
        kind === 'sandbox.create' && sandboxId === id && endedAt === null,
    );
    if (making) await tasks.cancel({ id: making.id });
    if (!making || (await isThere(id))) await sandboxes.delete({ sandbox: id });
  };

  return async (app) => {
    app.post(
      '/boxes',
      {
        schema: {
          operationId: 'createSandbox',
          summary: 'Create a sandbox and wait until it is ready',
          body: z.object({
            name: z.string().nullish(),
            snapshot_id: z.string().nullish(),
            snapshot_name: z.string().nullish(),
            snapshot: z.string().nullish(),
            wait_for_ready: z.boolean().default(true),
            timeout: z.number().positive().default(CREATE_TIMEOUT_SECONDS),
            idle_ttl_seconds: ttl,
            delete_after_stop_seconds: ttl,
            vcpus: z.number().nullish(),
            mem_bytes: z.number().nullish(),
            cpu_millicores: z.number().nullish().describe('In place of vcpus: 500 is half of one.'),
            fs_capacity_bytes: z.number().nullish(),
            labels: z.record(z.string(), z.string()).nullish(),
            persistent: z.boolean().nullish(),
            preserve_memory_on_stop: z.boolean().nullish(),
            restore_memory: z.boolean().nullish(),
            env_vars: z.record(z.string(), z.string()).nullish(),
            run_config: runConfigInput.nullish(),
            mount_config: mountConfigWire.nullish(),
            proxy_config: proxyConfigInput.nullish(),
            access_delegation: z.unknown().optional(),
            volumes: z.unknown().optional(),
            tag_value_ids: z.unknown().optional(),
          }),
          response: { 201: boxWire },
        },
      },
      async (request, reply) => {
        const { body } = request;
        refuseUnsupported(body);
        const runConfig = toRunConfigChange(body.run_config);
        const { sandbox, task } = await sandboxes.create({
          name: body.name ?? undefined,
          ...snapshotOf(body),
          gitMounts: toGitMounts(body.mount_config),
          vcpus: vcpusOf(body),
          memBytes: body.mem_bytes ?? undefined,
          fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
          labels: body.labels ?? undefined,
          preserveMemory: body.preserve_memory_on_stop ?? undefined,
          egress: toEgress(body.proxy_config) ?? undefined,
          user: runConfig?.user,
          workDir: runConfig?.workDir,
          env: { ...body.env_vars, ...runConfig?.env },
          idleStopSeconds: body.idle_ttl_seconds ?? IDLE_TTL_SECONDS,
          deleteAfterStopSeconds: body.delete_after_stop_seconds ?? DELETE_AFTER_STOP_SECONDS,
        });
        creations.remember(toBoxWire(sandbox, baseOf(context, request)), task);
        if (body.wait_for_ready) {
          const timeoutSeconds = Math.min(Math.max(Math.ceil(body.timeout), 1), 86_400);
          const ended = await waitFor(sandbox.name, task.id, timeoutSeconds);
          if (ended.error) throw SandglassError.fromInfo(ended.error);
          if (ended.state !== 'succeeded') {
            throw new SandglassError(
              'cancelled',
              `The creation of "${sandbox.name}" was cancelled.`,
            );
          }
        }
        return await reply.code(201).send(await get(sandbox.id, baseOf(context, request)));
      },
    );

    app.get(
      '/boxes',
      {
        schema: {
          operationId: 'listSandboxes',
          summary: 'List sandboxes, newest first',
          querystring: boxList,
          response: { 200: listSchema(boxWire, 'sandboxes') },
        },
      },
      async (request) => {
        const all = await sandboxes.list();
        const wire = all.map((sandbox) => toBoxWire(sandbox, baseOf(context, request)));
        const { query } = request;
        refuseTagValues(query.tag_value_id);
        const page = pageOf(select(wire, query), { ...query, ...wholeUnlessPaged(query) });
        return toList(page, 'sandboxes');
      },
    );

    app.get(
      '/boxes/:box',
      {
        schema: {
          operationId: 'getSandbox',
          summary: 'Get a sandbox',
          params: boxParams,
          response: { 200: boxWire },
        },
      },
      (request) => get(request.params.box, baseOf(context, request)),
    );

    app.get(
      '/boxes/:box/status',
      {
        schema: {
          operationId: 'getSandboxStatus',
          summary: 'The status of a sandbox',
          params: boxParams,
          response: {
            200: z.object({ status: z.string(), status_message: z.string().optional() }),
          },
        },
      },
      async ({ params }) => {
        const { status, status_message } = await get(params.box, '');
        return { status, status_message };
      },
    );

    app.patch(
      '/boxes/:box',
      {
        schema: {
          operationId: 'updateSandbox',
          summary: 'Rename a sandbox, or change its lifetimes, run configuration or limits',
          params: boxParams,
          body: z.object({
            name: z.string().nullish(),
            idle_ttl_seconds: ttl,
            delete_after_stop_seconds: ttl,
            run_config: runConfigInput.nullish(),
            vcpus: z.number().nullish(),
            cpu_millicores: z.number().nullish(),
            mem_bytes: z.number().nullish(),
            fs_capacity_bytes: z.number().nullish(),
            proxy_config: proxyConfigInput.nullish(),
            tag_value_ids: z.unknown().optional(),
          }),
          response: { 200: boxWire },
        },
      },
      async (request) => {
        const { body, params } = request;
        refuseUnsupported(body);
        if (typeof body.fs_capacity_bytes === 'number') {
          throw refusal('fs_capacity_bytes', 'the disk of a sandbox keeps its size');
        }
        const sandbox = await sandboxes.update({
          sandbox: params.box,
          name: body.name ?? undefined,
          idleStopSeconds: body.idle_ttl_seconds ?? undefined,
          deleteAfterStopSeconds: body.delete_after_stop_seconds ?? undefined,
          runConfig: toRunConfigChange(body.run_config),
          egress: toEgress(body.proxy_config),
          vcpus: vcpusOf(body),
          memBytes: body.mem_bytes ?? undefined,
        });
        return toBoxWire(sandbox, baseOf(context, request));
      },
    );

    app.delete(
      '/boxes/:box',
      {
        schema: {
          operationId: 'deleteSandbox',
          summary: 'Delete a sandbox',
          params: boxParams,
          response: { 204: z.null() },
        },
      },
      async ({ params }, reply) => {
        await remove(params.box);
        return await reply.code(204).send(null);
      },
    );

    app.post(
      '/boxes/:box/start',
      {
        schema: {
          operationId: 'startSandbox',
          summary: 'Start a stopped sandbox',
          params: boxParams,
          response: { 202: boxWire },
        },
      },
      async (request, reply) => {
        const sandbox = await sandboxes.start({ sandbox: request.params.box });
        return await reply.code(202).send(toBoxWire(sandbox, baseOf(context, request)));
      },
    );

    app.post(
      '/boxes/:box/stop',
      {
        schema: {
          operationId: 'stopSandbox',
          summary: 'Stop a sandbox; its files stay',
          params: boxParams,
          response: { 204: z.null() },
        },
      },
      async ({ params }, reply) => {
        await sandboxes.stop({ sandbox: params.box });
        return await reply.code(204).send(null);
      },
    );

    app.post(
      '/boxes/batch-delete',
      {
        schema: {
          operationId: 'deleteSandboxes',
          summary: 'Delete several sandboxes',
          body: z.object({ names: z.array(z.string()).max(500) }),
          response: {
            200: z.object({
              deleted: z.array(z.string()),
              skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
            }),
          },
        },
      },
      async ({ body }) => {
        const deleted: string[] = [];
        const skipped: Array<{ name: string; reason: string }> = [];
        for (const name of body.names) {
          try {
            await remove(name);
            deleted.push(name);
          } catch (thrown) {
            skipped.push({ name, reason: toSandglassError(thrown).message });
          }
        }
        return { deleted, skipped };
      },
    );
  };

  /** Waits for a creation; a timeout tells the status, and the creation goes on. */
  async function waitFor(name: string, taskId: string, timeoutSeconds: number) {
    try {
      return await tasks.wait({ id: taskId, timeoutSeconds });
    } catch (thrown) {
      if (toSandglassError(thrown).code !== 'timeout') throw thrown;
      const said = `The sandbox "${name}" is not ready within ${timeoutSeconds} s; last status: provisioning.`;
      throw new SandglassError('timeout', said, { hint: 'It goes on being made.' });
    }
  }
}

/** By an id, by a name, or by either as the newest clients send it. */
function snapshotOf(body: {
  snapshot_id?: string | null;
  snapshot_name?: string | null;
  snapshot?: string | null;
}): { snapshotId?: string; snapshotName?: string } {
  const { snapshot_id: id, snapshot_name: name, snapshot } = body;
  if (snapshot && (id || name)) {
    throw new SandglassError(
      'invalid_input',
      'snapshot: give one of snapshot, snapshot_id and snapshot_name.',
      { field: 'snapshot' },
    );
  }
  if (snapshot && isId(snapshot)) return { snapshotId: snapshot };
  return { snapshotId: id ?? undefined, snapshotName: name ?? snapshot ?? undefined };
}

/** The finer one wins. */
function vcpusOf(body: {
  vcpus?: number | null;
  cpu_millicores?: number | null;
}): number | undefined {
  if (typeof body.cpu_millicores === 'number') return body.cpu_millicores / 1000;
  return body.vcpus ?? undefined;
}

/** The hand-written clients cannot ask for a second page. */
function wholeUnlessPaged({ page_size, limit, offset, cursor }: PageQuery): { limit?: number } {
  const isPaged = page_size ?? limit ?? offset ?? cursor;
  return isPaged === undefined ? { limit: Number.POSITIVE_INFINITY } : {};
}

/** What one computer has no counterpart of, or this version none yet, is refused by name. */
const unsupported: Record<string, string> = {
  access_delegation: 'there is no workspace whose access could be delegated',
  volumes: 'there are no shared volumes; a capture hands files on',
};

function refuseUnsupported(body: Record<string, unknown>): void {
  refuseTagValues(body.tag_value_ids);
  for (const [field, reason] of Object.entries(unsupported)) {
    const value = body[field];
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== null && !isEmpty) throw refusal(field, reason);
  }
  if (body.persistent === false) {
    throw refusal('persistent', 'every sandbox keeps its files over a stop');
  }
  if (body.restore_memory === true) {
    throw refusal('restore_memory', 'snapshots hold files, no memory');
  }
}

function refusal(field: string, reason: string): SandglassError {
  return new SandglassError('invalid_input', `${field}: ${reason}.`, {
    field,
    hint: 'docs/API.md lists what is and is not offered.',
  });
}
