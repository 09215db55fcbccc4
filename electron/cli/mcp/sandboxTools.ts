import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { type BoxWire, boxListWire, boxWire } from '../../api/wire/boxes';
import { type SnapshotWire, snapshotWire } from '../../api/wire/snapshots';
import { type ApiClient, segment } from '../api/client';
import { allSnapshots, findSnapshot, waitUntilReady } from '../api/snapshots';
import { jsonResult, textResult } from './results';

export const sandboxField = z.string().min(1).describe('Name or id of the sandbox.');

/** Tools for snapshots and sandboxes. */
export function addSandboxTools(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'list_snapshots',
    {
      title: 'List snapshots',
      description:
        'Lists the snapshots that sandboxes can be created from, newest first. A snapshot is a Linux file system, e.g. with Python and packages installed.',
      inputSchema: {
        name_contains: z.string().optional().describe('Filters by a substring of the name.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ name_contains: text }) =>
      jsonResult((await allSnapshots(api, text)).map(briefSnapshot)),
  );

  server.registerTool(
    'list_sandboxes',
    {
      title: 'List sandboxes',
      description: 'Lists all sandboxes, running or stopped, newest first.',
      inputSchema: {},
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => {
      const { sandboxes } = await api.json('/boxes', boxListWire);
      return jsonResult(sandboxes.map(briefBox));
    },
  );

  server.registerTool(
    'create_sandbox',
    {
      title: 'Create a sandbox',
      description:
        'Creates a sandbox and waits until it is ready. A sandbox is an isolated Linux machine with root access. By default it stops after 10 minutes without use (its files are kept, and the next command starts it again) and is deleted 14 days later.',
      inputSchema: {
        snapshot: z
          .string()
          .optional()
          .describe('Name, name:tag or id from list_snapshots. Default: a Python image.'),
        name: z
          .string()
          .optional()
          .describe('Lowercase letters, digits and hyphens. Default: generated.'),
        vcpus: z.number().positive().optional().describe('CPU limit, e.g. 2.'),
        mem_bytes: z.number().int().positive().optional().describe('Memory limit in bytes.'),
        env_vars: z
          .record(z.string(), z.string())
          .optional()
          .describe('Environment variables of every command.'),
        idle_ttl_seconds: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe('Seconds without use before it stops; a multiple of 60, 0 for never.'),
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
      return jsonResult(briefBox(box));
    },
  );

  const lifecycleTools = [
    {
      name: 'start_sandbox',
      title: 'Start a sandbox',
      description:
        'Starts a stopped sandbox. Rarely needed: commands and file operations start it automatically.',
      call: (path: string) => api.call(`${path}/start`, { method: 'POST', json: {} }),
      done: 'is running',
      isDestructive: false,
    },
    {
      name: 'stop_sandbox',
      title: 'Stop a sandbox',
      description: 'Stops a sandbox. Its processes end; its files are kept, including /tmp.',
      call: (path: string) => api.call(`${path}/stop`, { method: 'POST', json: {} }),
      done: 'is stopped',
      isDestructive: true,
    },
    {
      name: 'delete_sandbox',
      title: 'Delete a sandbox',
      description: 'Permanently deletes a sandbox and its files. Capture it first to keep them.',
      call: (path: string) => api.call(path, { method: 'DELETE' }),
      done: 'is deleted',
      isDestructive: true,
    },
  ];
  for (const { name, title, description, call, done, isDestructive } of lifecycleTools) {
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
        return textResult(`The sandbox "${sandbox}" ${done}.`);
      },
    );
  }

  server.registerTool(
    'capture_sandbox',
    {
      title: 'Capture a sandbox',
      description:
        "Creates a snapshot of a sandbox's files, from which new sandboxes can be created. /tmp and running processes are not included.",
      inputSchema: {
        sandbox: sandboxField,
        name: z
          .string()
          .min(1)
          .describe('Name of the snapshot. An existing name gets a new version.'),
        tag: z.string().optional().describe('Tag of this version, as in name:tag.'),
        description: z.string().optional().describe('Description of its contents.'),
      },
      annotations: { destructiveHint: false, openWorldHint: false },
    },
    async ({ sandbox, ...json }, { signal }) => {
      const started = await api.json(`/boxes/${segment(sandbox)}/snapshot`, snapshotWire, {
        method: 'POST',
        json,
      });
      return jsonResult(briefSnapshot(await waitUntilReady(api, started.id, signal)));
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
