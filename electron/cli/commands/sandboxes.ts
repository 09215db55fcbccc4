import { type Command, Option } from 'commander';
import { formatAge, formatBytes } from '#shared/format';
import { type BoxWire, boxListWire, boxWire } from '../../api/wire/boxes';
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

/** `sandboxes …`, and `ls` as a shortcut for its list. */
export function addSandboxCommands(program: Command, api: ApiClient): void {
  const group = program.command('sandboxes').alias('sandbox').description('manage sandboxes');
  for (const list of [group.command('list').alias('ls'), program.command('ls')]) {
    withJson(list)
      .description('list sandboxes, newest first')
      .option('-q, --quiet', 'print names only')
      .action((options: { json?: boolean; quiet?: boolean }) => listSandboxes(api, options));
  }

  withJson(withRunConfig(group.command('create')))
    .description('create a sandbox; prints its name')
    .argument('[snapshot]', 'name, name:tag or id of a snapshot (default: the default image)')
    .option('-n, --name <name>', 'name of the sandbox (default: generated)')
    .option('--cpus <number>', 'CPU limit, e.g. 1.5', number)
    .option('-m, --memory <size>', 'memory limit, e.g. 2GiB', bytes)
    .option('--capacity <size>', 'disk capacity, e.g. 8GiB', bytes)
    .option('-l, --label <NAME=VALUE>', 'set a label (repeatable)', assignment)
    .option(
      '--idle-stop <time>',
      'stop after this time without use, e.g. 10m; 0 for never',
      duration,
    )
    .option(
      '--delete-after <time>',
      'delete this long after it stopped, e.g. 14d; 0 for never',
      duration,
    )
    .addOption(
      new Option('--timeout <time>', 'maximum time to wait until it is ready')
        .argParser(duration)
        .default(120, '2m'),
    )
    .action((snapshot: string | undefined, options: CreateOptions) =>
      create(api, snapshot, options),
    );

  withJson(group.command('get'))
    .description('show the details of a sandbox')
    .argument('<sandbox>', 'name or id')
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
    .description('stop sandboxes; files are kept, including /tmp')
    .argument('<sandboxes...>', 'names or ids')
    .action((names: string[], options: { json?: boolean }) =>
      each(names, options, async (name) => {
        await api.call(`/boxes/${segment(name)}/stop`, { method: 'POST', json: {} });
      }),
    );

  withJson(group.command('rename'))
    .description('rename a sandbox')
    .argument('<sandbox>', 'name or id')
    .argument('<name>', 'new name')
    .action(async (name: string, newName: string, { json }: { json?: boolean }) => {
      const box = await api.json(`/boxes/${segment(name)}`, boxWire, {
        method: 'PATCH',
        json: { name: newName },
      });
      await (json ? printJson(box) : printLine(box.name));
    });

  withJson(group.command('rm').alias('delete'))
    .description('delete sandboxes and their files')
    .argument('<sandboxes...>', 'names or ids')
    .action((names: string[], options: { json?: boolean }) =>
      each(names, options, async (name) => {
        await api.call(`/boxes/${segment(name)}`, { method: 'DELETE' });
      }),
    );
}

/** Runs an action for each name and prints the name. Stops at the first failure. */
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
  const { sandboxes } = await api.json('/boxes', boxListWire);
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
