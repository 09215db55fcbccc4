import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../../electron/engine/engine';
import { diskUsage } from '../support/diskUsage';
import {
  asSoonAs,
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerHost,
  dockerItself,
  endOf,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { commitFiller } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';
import { whileDockerStands } from '../support/standingDocker';

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

it('a cancelled export leaves no partial file, and keeps an existing one', async () => {
  const original = await captureMarked();
  const file = join(folder, 'marked.tar');
  await writeFile(file, 'before');
  const { task } = await operations.snapshots.export({ id: original.id, file });
  await operations.tasks.cancel({ id: task.id });
  expect(await readdir(folder)).toEqual(['marked.tar']);
  expect(await readFile(file, 'utf8')).toBe('before');
});

it('a cancelled export ends while Docker hangs, and leaves no file', async () => {
  const docker = dockerItself();
  await commitFiller(docker, 'sandglass-test/large', 96);
  const { id } = await buildSnapshot(operations, { image: 'sandglass-test/large:1' });
  const { task } = await operations.snapshots.export({ id, file: join(folder, 'large.tar') });
  const done = async () => (await operations.tasks.get({ id: task.id })).progress.bytesDone ?? 0;
  await asSoonAs(async () => (await done()) > 5e6);
  await whileDockerStands({ folder: dirname(dockerHost().replace('unix://', '')) }, async () => {
    // All data in flight has arrived.
    for (let last = -1; last !== (await done()); await sleep(300)) last = await done();
    expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
    expect(await readdir(folder)).toEqual([]);
  });
  await docker.getImage('sandglass-test/large:1').remove();
});

describe('a cancelled import leaves nothing behind', () => {
  it.each([
    ['an exported snapshot', 'while the file is checked'],
    ['an exported snapshot', 'as Docker begins to read it'],
    ['an exported snapshot', 'when Docker has been sent the whole file'],
    ['a root filesystem', 'as Docker begins to read it'],
    ['a root filesystem', 'when Docker has been sent the whole file'],
  ])('of %s, %s', async (what, moment) => {
    const docker = dockerItself();
    await commitFiller(docker, 'sandglass-test/large', 96);
    const file = join(folder, 'large.tar');
    if (what === 'a root filesystem') {
      const container = await docker.createContainer({ Image: 'sandglass-test/large:1' });
      await pipeline((await container.export()) as Readable, createWriteStream(file));
      await container.remove();
    } else {
      const { id } = await buildSnapshot(operations, { image: 'sandglass-test/large:1' });
      await exportTo(file, id);
      await operations.snapshots.delete({ id });
    }
    // The cancellation must remove its layers too.
    await docker.getImage('sandglass-test/large:1').remove();
    const before = await whatIsThere();

    const { snapshot, task } = await operations.snapshots.import({ file, name: 'cancelled' });
    const progress = async () => (await operations.tasks.get({ id: task.id })).progress;
    const { size } = await stat(file);
    await asSoonAs(async () => {
      const { step, bytesDone } = await progress();
      const isRead = step === 'Loading into Docker';
      switch (moment) {
        case 'while the file is checked':
          return step === 'Verifying the file' && (bytesDone ?? 0) > 0;
        case 'as Docker begins to read it':
          return isRead;
        default:
          return (isRead && bytesDone === size) || step === 'Creating the snapshot';
      }
    });
    const ended = await operations.tasks.cancel({ id: task.id });
    expect(ended).toMatchObject({ state: 'cancelled', error: null });
    // At once, and still after Docker has finished.
    expect(await whatIsThere()).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await whatIsThere()).toEqual(before);
    expect(await refusal(operations.snapshots.get({ id: snapshot.id }))).toMatchObject({
      code: 'not_found',
    });
  });

  /** State of Docker with the bytes of all layers, of the lists, and of the folder. */
  async function whatIsThere() {
    return {
      ...(await contentsOf(dockerItself())),
      bytes: (await diskUsage(dockerItself())).LayersSize,
      snapshots: (await operations.snapshots.list({})).total,
      files: await readdir(folder),
    };
  }
});
