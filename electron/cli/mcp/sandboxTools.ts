import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { type BoxWire, boxWire } from '../../api/wire/boxes';
import { type SnapshotWire, snapshotWire } from '../../api/wire/snapshots';
import { type ApiClient, segment } from '../api/client';
import { allSnapshots, findSnapshot, untilReady } from '../api/snapshots';
import { asJson, said } from './answers';

export const sandboxField = z.string().min(1).describe('The name or id of a sandbox.');

/** Snapshots and sandboxes as a whole. */
export function addSandboxTools(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'list_snapshots',
    {
      title: 'List snapshots',
      description:
        'Lists the snapshots that sandboxes can be created from, newest first: prepared Linux file systems, e.g. with Python and its packages.',
      inputSchema: {
        name_contains: z.string().optional().describe('Only those with this in their names.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ name_contains: text }) => asJson((await allSnapshots(api, text)).map(briefSnapshot)),
  );

  server.registerTool(
    'list_sandboxes',
    {
      title: 'List sandboxes',
      description: 'Lists the sandboxes there are, running or stopped, newest first.',
      inputSchema: {},
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => {
      const answer = z.object({ sandboxes: z.array(boxWire) });
      const { sandboxes } = await api.json('/boxes', answer);
      return asJson(sandboxes.map(briefBox));
    },
  );

  server.registerTool(
    'create_sandbox',
    {
      title: 'Create a sandbox',
      description:
        'Creates a sandbox and waits until it is ready. It is a Linux machine of its own with root access. Unless told otherwise it stops after 10 minutes without use (files stay, and the next command starts it again) and is deleted 14 days after that.',
      inputSchema: {
        snapshot: z
          .string()
          .optional()
          .describe(
            'A name, name:tag or id from list_snapshots. Left out: a default Python image.',
          ),
        name: z
          .string()
          .optional()
          .describe('Lower-case letters, digits and hyphens. Left out: made up.'),
        vcpus: z.number().positive().optional().describe('Processors, e.g. 2.'),
        mem_bytes: z.number().int().positive().optional().describe('Memory in bytes.'),
        env_vars: z.record(z.string(), z.string()).optional().describe('For every command in it.'),
        idle_ttl_seconds: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe('Stop after so long without use; a multiple of 60, 0 for never.'),
      },
      annotations: { destructiveHint: false, openWorldHint: false },
    },
    async ({ snapshot, env_vars, ...fields }) => {
      const box = await api.json('/boxes', boxWire, {
        method: 'POST',
        json: {
          ...fields,
          snapshot_id: snapshot && (await findSnapshot(api, snapshot)).id,
          run_config: { env_vars },
          timeout: CREATE_TIMEOUT_SECONDS,
        },
      });
      return asJson(briefBox(box));
    },
  );

  const simple = [
    {
      name: 'start_sandbox',
      title: 'Start a sandbox',
      description:
        'Starts a stopped sandbox. Rarely needed: a command or a file call starts it by itself.',
      call: (path: string) => api.call(`${path}/start`, { method: 'POST', json: {} }),
      done: 'is running',
      isDestructive: false,
    },
    {
      name: 'stop_sandbox',
      title: 'Stop a sandbox',
      description: 'Stops a sandbox. Its processes end; its files stay, /tmp too.',
      call: (path: string) => api.call(`${path}/stop`, { method: 'POST', json: {} }),
      done: 'is stopped',
      isDestructive: true,
    },
    {
      name: 'delete_sandbox',
      title: 'Delete a sandbox',
      description: 'Deletes a sandbox with all its files, for good. Capture it first to keep them.',
      call: (path: string) => api.call(path, { method: 'DELETE' }),
      done: 'is deleted',
      isDestructive: true,
    },
  ];
  for (const { name, title, description, call, done, isDestructive } of simple) {
    server.registerTool(
      name,
      {
        title,
        description,
        inputSchema: { sandbox: sandboxField },
        annotations: { destructiveHint: isDestructive, idempotentHint: true, openWorldHint: false },
      },
      async ({ sandbox }) => {
        await call(`/boxes/${segment(sandbox)}`);
        return said(`The sandbox "${sandbox}" ${done}.`);
      },
    );
  }

  server.registerTool(
    'capture_sandbox',
    {
      title: 'Capture a sandbox',
      description:
        "Makes a snapshot of a sandbox's files, which new sandboxes can be created from. /tmp and running processes are left out.",
      inputSchema: {
        sandbox: sandboxField,
        name: z
          .string()
          .min(1)
          .describe('The name of the snapshot. A name that is taken gets a newer version.'),
        tag: z.string().optional().describe('Names this version, as in name:tag.'),
        description: z.string().optional().describe('What is in it, for whoever finds it later.'),
      },
      annotations: { destructiveHint: false, openWorldHint: false },
    },
    async ({ sandbox, ...json }, { signal }) => {
      const begun = await api.json(`/boxes/${segment(sandbox)}/snapshot`, snapshotWire, {
        method: 'POST',
        json,
      });
      return asJson(briefSnapshot(await untilReady(api, begun.id, signal)));
    },
  );
}

const CREATE_TIMEOUT_SECONDS = 120;

function briefBox({ name, id, status, snapshot_id, created_at, run_config }: BoxWire) {
  const { work_dir, user } = run_config;
  return { name, id, status, snapshot_id, created_at, user, work_dir };
}

function briefSnapshot(snapshot: SnapshotWire) {
  const { name, id, tags, status, docker_image, description, fs_used_bytes, created_at } = snapshot;
  return {
    name,
    id,
    tags,
    status,
    docker_image,
    description,
    size_bytes: fs_used_bytes,
    created_at,
  };
}
