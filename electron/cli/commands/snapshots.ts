import { type Command, Option } from 'commander';
import { formatAge, formatBytes } from '#shared/format';
import { snapshotWire } from '../../api/wire/snapshots';
import { type ApiClient, segment } from '../api/client';
import { allSnapshots, findSnapshot } from '../api/snapshots';
import { printJson, printLine, printTable } from '../output';
import { addBuildCommand } from './build';
import { repeatable, withJson } from './options';
import {
  printSnapshot,
  type SnapshotOptions,
  toSnapshotInput,
  withSnapshotOptions,
} from './snapshotOptions';

/** `snapshots …`, and `capture`, which creates a snapshot from a sandbox. */
export function addSnapshotCommands(program: Command, api: ApiClient): void {
  const group = program.command('snapshots').alias('snapshot').description('manage snapshots');

  withJson(group.command('list').alias('ls'))
    .description('list snapshots, newest first')
    .option('--name <text>', 'filter by a substring of the name')
    .option('-q, --quiet', 'print ids only')
    .action((options: { json?: boolean; quiet?: boolean; name?: string }) =>
      listSnapshots(api, options),
    );

  withJson(group.command('get'))
    .description('show the details of a snapshot as JSON')
    .argument('<snapshot>', 'name, name:tag or id')
    .action(async (reference: string) => printJson(await findSnapshot(api, reference)));

  withSnapshotOptions(group.command('create'))
    .description('create a snapshot from a Docker image; prints its id')
    .argument('<name>', 'name of the snapshot')
    .argument('<image>', 'image, e.g. python:3.12-slim')
    .addOption(new Option('--registry <id>', 'registry whose credentials are used'))
    .action(
      async (name: string, image: string, options: SnapshotOptions & { registry?: string }) => {
        const json = {
          ...toSnapshotInput(name, options),
          docker_image: image,
          registry_id: options.registry,
        };
        const started = await api.json('/snapshots', snapshotWire, { method: 'POST', json });
        await printSnapshot(api, started, options);
      },
    );

  addBuildCommand(group, api);

  withJson(group.command('rm').alias('delete'))
    .description('delete snapshots that no sandbox uses')
    .argument('<snapshots...>', 'names, name:tag or ids')
    .action(async (references: string[], { json }: { json?: boolean }) => {
      for (const reference of references) {
        await api.call(`/snapshots/${segment(reference)}`, { method: 'DELETE' });
        if (!json) await printLine(reference);
      }
      if (json) await printJson(references);
    });

  withSnapshotOptions(program.command('capture'))
    .description("create a snapshot of a sandbox's files; prints its id")
    .argument('<sandbox>', 'name or id')
    .argument('<name>', 'name of the snapshot')
    .option('-x, --exclude <path>', 'exclude a file or folder (repeatable)', repeatable)
    .action(
      async (box: string, name: string, options: SnapshotOptions & { exclude?: string[] }) => {
        const started = await api.json(`/boxes/${segment(box)}/snapshot`, snapshotWire, {
          method: 'POST',
          query: { exclude: options.exclude },
          json: toSnapshotInput(name, options),
        });
        await printSnapshot(api, started, options);
      },
    );
}

async function listSnapshots(
  api: ApiClient,
  { json, quiet, name }: { json?: boolean; quiet?: boolean; name?: string },
): Promise<void> {
  const snapshots = await allSnapshots(api, name);
  if (json) return await printJson(snapshots);
  if (quiet) {
    for (const { id } of snapshots) await printLine(id);
    return;
  }
  const now = Date.now();
  const rows = snapshots.map((snapshot) => [
    [snapshot.name, ...snapshot.tags].join(':'),
    snapshot.status,
    snapshot.fs_used_bytes === undefined ? '' : formatBytes(snapshot.fs_used_bytes),
    snapshot.docker_image ?? '(captured)',
    formatAge(Date.parse(snapshot.created_at), now),
    snapshot.id,
  ]);
  await printTable(['NAME', 'STATUS', 'SIZE', 'IMAGE', 'CREATED', 'ID'], rows);
}
