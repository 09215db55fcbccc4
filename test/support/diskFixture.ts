import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../electron/engine/engine';
import { diskUsage } from './diskUsage';
import { emptyDaemon } from './dockerContents';
import { type Dockerd, startDockerd } from './dockerd';
import { buildSnapshot, dockerItself, openTestEngine } from './engine';
import { importBusybox, TEST_IMAGE } from './images';
import { runInSandbox } from './runInSandbox';

const exec = promisify(execFile);
export const MIB = 1024 ** 2;

/** Set before each test by the hooks of `diskOfThisFile`. */
export let docker: Docker;
export let operations: Engine['operations'];
let daemon: Dockerd;
let sandglass: Engine;

/** Opens an engine for each test of a file, on an empty daemon: other images would change the sums. */
export function diskOfThisFile(): void {
  beforeAll(async () => {
    daemon = await startDockerd();
    docker = dockerItself(daemon.host);
  });
  afterAll(() => daemon.stop());
  beforeEach(async () => {
    await importBusybox(daemon.host);
    sandglass = await openTestEngine({ host: daemon.host });
    operations = sandglass.operations;
  });
  afterEach(async () => {
    await sandglass.close();
    await emptyDaemon(docker);
  });
}

/** Runs the docker command on the file's daemon. */
export async function dockerCommand(...args: string[]): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: daemon.host, DOCKER_BUILDKIT: '0' };
  await exec('docker', args, { env });
}

export function referenceOf({ name, id }: Snapshot): string {
  return `sandglass/${name}:${id}`;
}

/** Bytes of all layers, each counted once. */
export async function layersSize(): Promise<number> {
  return (await diskUsage(docker)).LayersSize;
}

export async function freedBy(...snapshots: Snapshot[]): Promise<number> {
  const snapshotIds = snapshots.map(({ id }) => id);
  return (await operations.disk.freedBy({ snapshotIds })).bytes;
}

/** Deletes snapshots. Returns the bytes that Docker has freed. */
export async function deleting(...snapshots: Snapshot[]): Promise<number> {
  const before = await layersSize();
  for (const { id } of snapshots) await operations.snapshots.delete({ id });
  return before - (await layersSize());
}

export async function run(sandbox: string, command: string): Promise<void> {
  const { exitCode, stderr } = await runInSandbox(sandglass, { sandbox, command });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}

export const noise = (path: string, mebibytes: number) =>
  `dd if=/dev/urandom of=${path} bs=1M count=${mebibytes} 2>/dev/null`;

export async function buildImage(dockerfile: string, tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-context-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
  await dockerCommand('build', '-q', '-t', tag, folder);
}

/** Builds two snapshots that share layers, some of them empty, without an image of only those. */
export async function twoOfAFamily(): Promise<[Snapshot, Snapshot]> {
  const common = [
    `FROM ${TEST_IMAGE}`,
    'ENV ONE=1',
    `RUN ${noise('/opt/common', 4)}`,
    'RUN mkdir /opt/empty',
    'LABEL two=2',
    'RUN rm /etc/group',
  ];
  await buildImage(
    [...common, `RUN ${noise('/opt/left', 3)}`, 'RUN mkdir /l'].join('\n'),
    'left:1',
  );
  await buildImage(
    [...common, 'RUN mkdir /r', `RUN ${noise('/opt/right', 5)}`].join('\n'),
    'right:1',
  );
  const left = await buildSnapshot(operations, { name: 'left', image: 'left:1' });
  const right = await buildSnapshot(operations, { name: 'right', image: 'right:1' });
  for (const tag of ['left:1', 'right:1', TEST_IMAGE]) await docker.getImage(tag).remove();
  return [left, right];
}
