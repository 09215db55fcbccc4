import { type Command, Option } from 'commander';
import { z } from 'zod';
import { formatAge, formatBytes } from '#shared/format';
import { type BoxWire, boxWire } from '../../api/wire/boxes';
import { type ApiClient, segment } from '../api/client';
import { allSnapshots, findSnapshot } from '../api/snapshots';
import { printJson, printLine, printTable } from '../output';
import {
  assignment,
  bytes,
  duration,
  number,
  type RunConfigOptions,
  toRunConfigWire,
  withJson,
  withRunConfig,
} from './options';

interface CreateOptions extends RunConfigOptions {
  json?: boolean;
  name?: string;
  cpus?: number;
  memory?: number;
  capacity?: number;
  label?: Record<string, string>;
  idleStop?: number;
  deleteAfter?: number;
  timeout: number;
}

/** `sandboxes …`, and `ls` for its list. */
export function addSandboxCommands(program: Command, api: ApiClient): void {
  const group = program
    .command('sandboxes')
    .alias('sandbox')
    .description('sandboxes: list, create, start, stop, …');
  for (const list of [group.command('list').alias('ls'), program.command('ls')]) {
    withJson(list)
      .description('list the sandboxes, newest first')
      .option('-q, --quiet', 'names only')
      .action((options: { json?: boolean; quiet?: boolean }) => listSandboxes(api, options));
  }

  withJson(withRunConfig(group.command('create')))
    .description('boot a sandbox; prints its name')
    .argument('[snapshot]', "a snapshot's name, name:tag or id (the default image if left out)")
    .option('-n, --name <name>', 'its name (a fresh one if left out)')
    .option('--cpus <number>', 'processors, e.g. 1.5', number)
    .option('-m, --memory <size>', 'memory, e.g. 2GiB', bytes)
    .option('--capacity <size>', 'disk, e.g. 8GiB', bytes)
    .option('-l, --label <NAME=VALUE>', 'a label (repeatable)', assignment)
    .option(
      '--idle-stop <time>',
      'stop after that long without use, e.g. 10m; 0 for never',
      duration,
    )
    .option(
      '--delete-after <time>',
      'delete that long after a stop, e.g. 14d; 0 for never',
      duration,
    )
    .addOption(
      new Option('--timeout <time>', 'how long to wait for it')
        .argParser(duration)
        .default(120, '2m'),
    )
    .action((snapshot: string | undefined, options: CreateOptions) =>
      create(api, snapshot, options),
    );

  withJson(group.command('get'))
    .description('everything about a sandbox')
    .argument('<sandbox>', 'its name or id')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const box = await api.json(`/boxes/${segment(name)}`, boxWire);
      await (json ? printJson(box) : describe(box));
    });

  withJson(group.command('start'))
    .description('start stopped sandboxes')
    .argument('<sandboxes...>', 'names or ids')
    .action((names: string[], options: { json?: boolean }) =>
      each(names, options, async (name) => {
        await api.call(`/boxes/${segment(name)}/start`, { method: 'POST', json: {} });
      }),
    );

  withJson(group.command('stop'))
    .description('stop sandboxes; their files stay, /tmp too')
    .argument('<sandboxes...>', 'names or ids')
    .action((names: string[], options: { json?: boolean }) =>
      each(names, options, async (name) => {
        await api.call(`/boxes/${segment(name)}/stop`, { method: 'POST', json: {} });
      }),
    );

  withJson(group.command('rename'))
    .description('give a sandbox another name')
    .argument('<sandbox>', 'its name or id')
    .argument('<name>', 'the new name')
    .action(async (name: string, newName: string, { json }: { json?: boolean }) => {
      const box = await api.json(`/boxes/${segment(name)}`, boxWire, {
        method: 'PATCH',
        json: { name: newName },
      });
      await (json ? printJson(box) : printLine(box.name));
    });

  withJson(group.command('rm').alias('delete'))
    .description('delete sandboxes with their files')
    .argument('<sandboxes...>', 'names or ids')
    .action((names: string[], options: { json?: boolean }) =>
      each(names, options, async (name) => {
        await api.call(`/boxes/${segment(name)}`, { method: 'DELETE' });
      }),
    );
}

/** Every one is done and named as it is; the first that fails ends it. */
async function each(
  names: string[],
  { json }: { json?: boolean },
  act: (name: string) => Promise<void>,
): Promise<void> {
  for (const name of names) {
    await act(name);
    if (!json) await printLine(name);
  }
  if (json) await printJson(names);
}

async function listSandboxes(
  api: ApiClient,
  { json, quiet }: { json?: boolean; quiet?: boolean },
): Promise<void> {
  const { sandboxes } = await api.json('/boxes', z.object({ sandboxes: z.array(boxWire) }));
  if (json) return await printJson(sandboxes);
  if (quiet) {
    for (const { name } of sandboxes) await printLine(name);
    return;
  }
  const snapshots = await allSnapshots(api);
  const nameOf = new Map(snapshots.map(({ id, name }) => [id, name]));
  const now = Date.now();
  const rows = sandboxes.map((box) => [
    box.name,
    box.status,
    nameOf.get(box.snapshot_id) ?? box.snapshot_id,
    formatAge(Date.parse(box.created_at), now),
  ]);
  await printTable(['NAME', 'STATUS', 'SNAPSHOT', 'CREATED'], rows);
}

async function create(
  api: ApiClient,
  snapshot: string | undefined,
  options: CreateOptions,
): Promise<void> {
  const box = await api.json('/boxes', boxWire, {
    method: 'POST',
    json: {
      name: options.name,
      snapshot_id: snapshot && (await findSnapshot(api, snapshot)).id,
      vcpus: options.cpus,
      mem_bytes: options.memory,
      fs_capacity_bytes: options.capacity,
      labels: options.label,
      idle_ttl_seconds: options.idleStop,
      delete_after_stop_seconds: options.deleteAfter,
      run_config: toRunConfigWire(options),
      timeout: options.timeout,
    },
  });
  await (options.json ? printJson(box) : printLine(box.name));
}

async function describe(box: BoxWire): Promise<void> {
  const { run_config: config } = box;
  const seconds = (value: number) => (value === 0 ? 'never' : `${value} s`);
  const fields: Array<[string, string | undefined]> = [
    ['name', box.name],
    ['id', box.id],
    ['status', box.status_message ? `${box.status}: ${box.status_message}` : box.status],
    ['snapshot', box.snapshot_id],
    ['created', box.created_at],
    ['stopped', box.stopped_at],
    ['cpus', box.vcpus?.toString()],
    ['memory', box.mem_bytes === undefined ? undefined : formatBytes(box.mem_bytes)],
    [
      'capacity',
      box.fs_capacity_bytes === undefined ? undefined : formatBytes(box.fs_capacity_bytes),
    ],
    ['idle stop', seconds(box.idle_ttl_seconds)],
    ['delete after', seconds(box.delete_after_stop_seconds)],
    ['user', config.user ?? undefined],
    ['workdir', config.work_dir ?? undefined],
    ...Object.entries(box.labels).map(([name, value]): [string, string] => [
      'label',
      `${name}=${value}`,
    ]),
    ['url', box.dataplane_url],
  ];
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) {
    if (value !== undefined) await printLine(`${name.padEnd(width)}  ${value}`);
  }
}
