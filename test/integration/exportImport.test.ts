import { createWriteStream } from 'node:fs';
import { open, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../../electron/engine/engine';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  endOf,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { commitFiller } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
let folder: string;
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
  folder = await freshHome();
});
afterEach(() => removeEverything(sandglass));

async function exportTo(file: string, id: string): Promise<Task> {
  const { task } = await operations.snapshots.export({ id, file });
  return await endOf(operations, task.id);
}

type ImportInput = Parameters<typeof operations.snapshots.import>[0];

async function importFrom(input: ImportInput, on = operations) {
  const { snapshot, task } = await on.snapshots.import(input);
  const ended = await endOf(on, task.id);
  return { task: ended, snapshotId: snapshot.id };
}

/** Makes a capture with own files and all metadata. */
async function captureMarked() {
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'maker', snapshotName: 'base' });
  await runInSandbox(sandglass, {
    sandbox: 'maker',
    command: 'echo inside > /opt/marker; dd if=/dev/urandom of=/opt/big bs=1M count=8',
  });
  return await captureSandbox(operations, {
    sandbox: 'maker',
    name: 'team/marked',
    tag: 'v1',
    note: 'A note\nof two lines, with "quotes"',
    labels: { team: 'ä & b' },
    fsCapacityBytes: 64 * 1024 ** 2,
  });
}

it('moves a snapshot with its metadata to another machine', async () => {
  const original = await captureMarked();
  const file = join(folder, 'marked.tar');
  expect(await exportTo(file, original.id)).toMatchObject({ state: 'succeeded' });
  expect(await readdir(folder)).toEqual(['marked.tar']);

  const elsewhere = await startDockerd();
  try {
    const other = await openTestEngine({ host: elsewhere.host });
    const { snapshotId } = await importFrom({ file }, other.operations);
    const arrived = await other.operations.snapshots.get({ id: snapshotId });
    const { id, name, tag, note, labels, fsCapacityBytes, runConfig } = original;
    const { sourceSandboxId, sourceSandboxName, parentSnapshotId, ancestors, platform } = original;
    expect(arrived).toMatchObject({
      ...{ id, name, tag, note, labels, fsCapacityBytes, runConfig, status: 'ready' },
      ...{ sourceSandboxId, sourceSandboxName, parentSnapshotId, ancestors, platform },
    });
    await bootSandbox(other.operations, { name: 'box', snapshotId });
    const { stdout } = await runInSandbox(other, {
      sandbox: 'box',
      command: 'cat /opt/marker; wc -c < /opt/big',
    });
    expect(stdout).toBe('inside\n8388608\n');
    await removeEverything(other);
    expect((await contentsOf(dockerItself(elsewhere.host))).images).toEqual([]);
    await other.close();
  } finally {
    await elsewhere.stop();
  }
});

it('imports a snapshot that exists already as a copy with a new id', async () => {
  const original = await captureMarked();
  const file = join(folder, 'marked.tar');
  await exportTo(file, original.id);
  const { snapshotId } = await importFrom({ file, name: 'copy' });
  expect(snapshotId).not.toBe(original.id);
  const both = await Promise.all(
    [original.id, snapshotId].map((id) => operations.snapshots.get({ id })),
  );
  expect(both.map(({ status }) => status)).toEqual(['ready', 'ready']);
  await operations.snapshots.delete({ id: snapshotId });
  await bootSandbox(operations, { name: 'still', snapshotId: original.id });
});

it('writes a file that docker load accepts', async () => {
  const original = await captureMarked();
  const file = join(folder, 'marked.tar');
  await exportTo(file, original.id);
  const elsewhere = await startDockerd();
  try {
    const docker = dockerItself(elsewhere.host);
    const progress = await docker.loadImage(file);
    await new Promise((resolve) => docker.modem.followProgress(progress, resolve));
    const [image] = await docker.listImages();
    expect(image?.RepoTags?.[0]).toContain('sandglass/team/marked:');
  } finally {
    await elsewhere.stop();
  }
});

describe('a damaged file', () => {
  it.each(['a changed byte', 'a lost end'])(
    '(%s) is refused, and nothing is left behind',
    async (how) => {
      const original = await captureMarked();
      const file = join(folder, 'marked.tar');
      await exportTo(file, original.id);
      const { size } = await stat(file);
      if (how === 'a lost end') await truncate(file, Math.floor(size / 2));
      else {
        const handle = await open(file, 'r+');
        await handle.write(Buffer.from([1, 2, 3, 4]), 0, 4, Math.floor(size / 2));
        await handle.close();
      }
      const before = await contentsOf(dockerItself());
      const { task } = await importFrom({ file, name: 'damaged' });
      expect(task).toMatchObject({
        state: 'failed',
        error: { code: 'checksum_mismatch', field: 'file' },
      });
      expect(await contentsOf(dockerItself())).toEqual(before);
      expect((await operations.snapshots.list({ nameContains: 'damaged' })).total).toBe(0);
    },
  );

  it('that is not an archive or does not exist is reported', async () => {
    const file = join(folder, 'text.tar');
    await writeFile(file, 'this is no archive'.repeat(1000));
    expect(await refusal(operations.snapshots.import({ file, name: 'x' }))).toMatchObject({
      code: 'invalid_input',
      field: 'file',
    });
    const missing = join(folder, 'none.tar');
    expect(await refusal(operations.snapshots.import({ file: missing }))).toMatchObject({
      code: 'invalid_input',
      field: 'file',
    });
  });
});

describe('archives of other tools', () => {
  it('an archive of "docker save" is imported, and tags are unchanged', async () => {
    const file = join(folder, 'saved.tar');
    const saved = await dockerItself().getImage(TEST_IMAGE).get();
    await pipeline(saved as Readable, createWriteStream(file));
    const before = (await contentsOf(dockerItself())).images;
    expect(await refusal(operations.snapshots.import({ file }))).toMatchObject({ field: 'name' });
    const { snapshotId } = await importFrom({ file, name: 'saved' });
    await bootSandbox(operations, { name: 'box', snapshotId });
    await removeEverything(sandglass);
    expect((await contentsOf(dockerItself())).images).toEqual(before);
  });

  it.each(['taken', 'free'])('an archive whose tag is %s locally leaves it so', async (how) => {
    const docker = dockerItself();
    const [repo, tag] = ['sandglass-test/tagged', '1'];
    const file = join(folder, 'saved.tar');
    await commitFiller(docker, repo, 1);
    const saved = await docker.getImage(`${repo}:${tag}`).get();
    await pipeline(saved as Readable, createWriteStream(file));
    await docker.getImage(`${repo}:${tag}`).remove();
    if (how === 'taken') await docker.getImage(TEST_IMAGE).tag({ repo, tag });
    const before = (await contentsOf(docker)).images;
    const owner = await docker.getImage(TEST_IMAGE).inspect();
    await importFrom({ file, name: 'tagged' });
    const { images } = await contentsOf(docker);
    expect(images.includes(`${repo}:${tag}`)).toBe(how === 'taken');
    if (how === 'taken') {
      expect((await docker.getImage(`${repo}:${tag}`).inspect()).Id).toBe(owner.Id);
    }
    await removeEverything(sandglass);
    expect((await contentsOf(docker)).images).toEqual(before);
    if (how === 'taken') await docker.getImage(`${repo}:${tag}`).remove();
  });

  it('a root filesystem of "docker export" is imported', async () => {
    const file = join(folder, 'filesystem.tar');
    const docker = dockerItself();
    const container = await docker.createContainer({ Image: TEST_IMAGE, Cmd: ['sh'] });
    await pipeline((await container.export()) as Readable, createWriteStream(file));
    await container.remove();
    const before = (await contentsOf(docker)).images;
    const { task, snapshotId } = await importFrom({ file, name: 'filesystem' });
    expect(task).toMatchObject({ state: 'succeeded' });
    await bootSandbox(operations, { name: 'box', snapshotId });
    await removeEverything(sandglass);
    expect((await contentsOf(docker)).images).toEqual(before);
  });
});

it('reports a folder that an export cannot be written to', async () => {
  const { id } = await buildSnapshot(operations);
  const file = join(folder, 'nowhere', 'x.tar');
  expect(await refusal(operations.snapshots.export({ id, file }))).toMatchObject({
    code: 'invalid_input',
    field: 'file',
  });
});
