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
import { finish, type MakeOptions, toWire, withMakeOptions } from './makeOptions';
import { assignment } from './options';

interface BuildOptions extends MakeOptions {
  file: string;
  buildArg?: Record<string, string>;
  target?: string;
  quiet?: boolean;
}

/** `snapshots build`, as `docker build`: the folder goes over, what the builder says comes to stderr. */
export function addBuildCommand(group: Command, api: ApiClient): void {
  withMakeOptions(group.command('build'))
    .description('build a snapshot from a Dockerfile; prints its id')
    .argument('<name>', 'its name')
    .argument('[folder]', 'what the Dockerfile may copy from; .dockerignore counts', '.')
    .option('-f, --file <path>', 'the Dockerfile, from the folder', 'Dockerfile')
    .option('--build-arg <NAME=VALUE>', 'an argument of the build (repeatable)', assignment)
    .option('--target <stage>', 'the stage to build; the last unless given')
    .option('-q, --quiet', 'without what the builder says')
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
    throw new Failure(`${folder} is no folder.`);
  }
  const { labels, run_config, ...fields } = toWire(name, options);
  const begun = await api.json('/snapshots/build', snapshotWire, {
    method: 'POST',
    query: {
      ...fields,
      dockerfile: options.file,
      target: options.target,
      build_args: asJson(options.buildArg),
      labels: asJson(labels),
      run_config: asJson(run_config),
    },
    headers: { 'content-type': 'application/x-tar' },
    body: await packed(context, options.file),
  });
  if (options.wait && !options.quiet) await follow(api, begun.id);
  await finish(api, begun, options);
}

async function follow(api: ApiClient, id: string): Promise<void> {
  const log = await api.stream(`/snapshots/${segment(id)}/log`, { query: { follow: 'true' } });
  for await (const said of log) await write(process.stderr, said as Buffer);
}

/** Without what is to stay out; the two files that say what and how go along whatever they say. */
async function packed(context: string, dockerfile: string): Promise<Readable> {
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

function asJson(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}
