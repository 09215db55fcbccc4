import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import dockerIgnore from '@balena/dockerignore';
import type { Command } from 'commander';
import tarFs from 'tar-fs';
import { snapshotWire } from '../../api/wire/snapshots';
import { type ApiClient, segment } from '../api/client';
import { Failure } from '../failure';
import { write } from '../output';
import { assignment } from './options';
import {
  printSnapshot,
  type SnapshotOptions,
  toSnapshotInput,
  withSnapshotOptions,
} from './snapshotOptions';

interface BuildOptions extends SnapshotOptions {
  file: string;
  buildArg?: Record<string, string>;
  target?: string;
  quiet?: boolean;
}

/** `snapshots build`: uploads the build context and prints the build log to stderr. */
export function addBuildCommand(group: Command, api: ApiClient): void {
  withSnapshotOptions(group.command('build'))
    .description('build a snapshot from a Dockerfile; prints its id')
    .argument('<name>', 'name of the snapshot')
    .argument('[folder]', 'build context; respects .dockerignore', '.')
    .option('-f, --file <path>', 'path of the Dockerfile, relative to the folder', 'Dockerfile')
    .option('--build-arg <NAME=VALUE>', 'set a build argument (repeatable)', assignment)
    .option('--target <stage>', 'build stage (default: the last one)')
    .option('-q, --quiet', 'do not print the build log')
    .action((name: string, folder: string, options: BuildOptions) =>
      build(api, name, folder, options),
    );
}

async function build(
  api: ApiClient,
  name: string,
  folder: string,
  options: BuildOptions,
): Promise<void> {
  const context = resolve(folder);
  if (!(await stat(context).catch(() => null))?.isDirectory()) {
    throw new Failure(`${folder} is not a folder.`);
  }
  const { labels, run_config, ...fields } = toSnapshotInput(name, options);
  const started = await api.json('/snapshots/build', snapshotWire, {
    method: 'POST',
    query: {
      ...fields,
      dockerfile: options.file,
      target: options.target,
      build_args: toJson(options.buildArg),
      labels: toJson(labels),
      run_config: toJson(run_config),
    },
    headers: { 'content-type': 'application/x-tar' },
    body: await packContext(context, options.file),
  });
  if (options.wait && !options.quiet) await printLog(api, started.id);
  await printSnapshot(api, started, options);
}

async function printLog(api: ApiClient, id: string): Promise<void> {
  const log = await api.stream(`/snapshots/${segment(id)}/log`, { query: { printLog: 'true' } });
  for await (const chunk of log) await write(process.stderr, chunk as Buffer);
}

/**
 * Packs the context without ignored files. The Dockerfile and .dockerignore are always included.
 */
async function packContext(context: string, dockerfile: string): Promise<Readable> {
  const texts = [`${dockerfile}.dockerignore`, '.dockerignore'].map((name) =>
    readFile(join(context, name), 'utf8').catch(() => null),
  );
  const rules = dockerIgnore().add((await Promise.all(texts)).find((text) => text !== null) ?? '');
  const always = ['', dockerfile, '.dockerignore'];
  const pack = tarFs.pack(context, {
    strict: false,
    ignore: (path) => {
      const inside = relative(context, path).replaceAll('\\', '/');
      return !always.includes(inside) && rules.ignores(inside);
    },
  });
  return Readable.from(pack as unknown as AsyncIterable<Uint8Array>, { objectMode: false });
}

function toJson(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}
