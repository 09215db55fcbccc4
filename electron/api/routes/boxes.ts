import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { BoxLookup } from '../boxLookup';
import { boxListWire, boxParams, boxWire, toBoxWire } from '../wire/boxes';
import { boxChange, boxCreation, toChange, toCreation } from '../wire/boxInput';
import {
  listQuery,
  type PageQuery,
  pageOf,
  refuseTagValues,
  select,
  toList,
} from '../wire/listing';
import { type ApiContext, baseOf } from './context';

const boxList = listQuery([
  'name',
  'status',
  'created_at',
  'stopped_at',
  'idle_ttl_seconds',
  'delete_after_stop_seconds',
]).extend({ tag_value_id: z.unknown().optional().describe('Rejected: there are no workspaces.') });

/** Sandboxes: create, get, list, update, start, stop, delete. */
export function boxRoutes(context: ApiContext, boxes: BoxLookup): FastifyPluginAsyncZod {
  const { sandboxes, tasks } = context.sandglass.operations;

  return async (app) => {
    app.post(
      '/boxes',
      {
        schema: {
          operationId: 'createSandbox',
          summary: 'Create a sandbox and wait until it is ready',
          body: boxCreation,
          response: { 201: boxWire },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const { sandbox, task } = await sandboxes.create(toCreation(body));
        const base = baseOf(context, request);
        boxes.remember(sandbox, task, base);
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
        return await reply.code(201).send(await boxes.get(sandbox.id, base));
      },
    );

    app.get(
      '/boxes',
      {
        schema: {
          operationId: 'listSandboxes',
          summary: 'List sandboxes, newest first',
          querystring: boxList,
          response: { 200: boxListWire },
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
      (request) => boxes.get(request.params.box, baseOf(context, request)),
    );

    app.get(
      '/boxes/:box/status',
      {
        schema: {
          operationId: 'getSandboxStatus',
          summary: 'Get the status of a sandbox',
          params: boxParams,
          response: {
            200: z.object({ status: z.string(), status_message: z.string().optional() }),
          },
        },
      },
      async ({ params }) => {
        const { status, status_message } = await boxes.get(params.box, '');
        return { status, status_message };
      },
    );

    app.patch(
      '/boxes/:box',
      {
        schema: {
          operationId: 'updateSandbox',
          summary: 'Update the name, lifetimes, run configuration or limits of a sandbox',
          params: boxParams,
          body: boxChange,
          response: { 200: boxWire },
        },
      },
      async (request) => {
        const { body, params } = request;
        const sandbox = await sandboxes.update({ sandbox: params.box, ...toChange(body) });
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
        await boxes.delete(params.box);
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
          summary: 'Stop a sandbox and keep its files',
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
            await boxes.delete(name);
            deleted.push(name);
          } catch (thrown) {
            skipped.push({ name, reason: toSandglassError(thrown).message });
          }
        }
        return { deleted, skipped };
      },
    );
  };

  /**
   * Waits for a creation. A timeout is reported with the current status; the creation continues.
   */
  async function waitFor(name: string, taskId: string, timeoutSeconds: number) {
    try {
      return await tasks.wait({ id: taskId, timeoutSeconds });
    } catch (thrown) {
      if (toSandglassError(thrown).code !== 'timeout') throw thrown;
      const message = `The sandbox "${name}" was not ready within ${timeoutSeconds} s; last status: provisioning.`;
      throw new SandglassError('timeout', message, { hint: 'Its creation continues.' });
    }
  }
}

/** The hand-written clients cannot request further pages, so they get everything at once. */
function wholeUnlessPaged({ page_size, limit, offset, cursor }: PageQuery): { limit?: number } {
  const isPaged = page_size ?? limit ?? offset ?? cursor;
  return isPaged === undefined ? { limit: Number.POSITIVE_INFINITY } : {};
}
