import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../electron/engine/engine';
import { expectAgreement } from '../support/agreement';
import { lookAtIndex } from '../support/contentsFile';
import { type Disk, mountDisk } from '../support/disk';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerHost,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { commitFiller, importBusybox, TEST_IMAGE } from '../support/images';
import { pushImage, startRegistry } from '../support/registry';
import { runInSandbox } from '../support/runInSandbox';
import { readSandboxFile, writeSandboxFile } from '../support/sandboxFiles';

const MIB = 1024 ** 2;

it('a full disk of Docker is reported by writes, captures and pulls, which leave nothing behind', async () => {
  const disk = await mountDisk('ext4', 256 * MIB);
  const daemon = await startDockerd({ args: ['--data-root', disk.path] });
  const registry = await startRegistry();
  try {
    // Made by the worker's daemon, whose disk is not full.
    await commitFiller(dockerItself(), 'sandglass-test/large', 200);
    const image = `${registry.address}/large:1`;
    await pushImage(dockerItself(), 'sandglass-test/large:1', image);
    await dockerItself().getImage('sandglass-test/large:1').remove();

    await importBusybox(daemon.host);
    const docker = dockerItself(daemon.host);
    const sandglass = await openTestEngine({ host: daemon.host });
    const { operations } = sandglass;
    const { id } = await buildSnapshot(operations);
    await bootSandbox(operations, { name: 'box', snapshotId: id });
    await runInSandbox(sandglass, { sandbox: 'box', command: 'echo old > /opt/old' });
    const before = await contentsOf(docker);

    const pull = refusal(buildSnapshot(operations, { name: 'large', image }));
    expect(await pull).toMatchObject({ code: 'disk_full' });
    expect(await contentsOf(docker)).toEqual(before);

    const write = (path: string, bytes: number) =>
      writeSandboxFile(sandglass, { sandbox: 'box', path, bytes: new Uint8Array(bytes) });
    await runInSandbox(sandglass, {
      sandbox: 'box',
      command: 'dd if=/dev/zero of=/opt/half bs=1M count=120; dd if=/dev/zero of=/opt/rest bs=64k',
    });
    expect(await refusal(write('/opt/more', MIB))).toMatchObject({ code: 'disk_full' });
    expect(
      await refusal(readSandboxFile(sandglass, { sandbox: 'box', path: '/opt/more' })),
    ).toMatchObject({
      code: 'file_not_found',
    });
    expect(await refusal(write('/opt/old', MIB))).toMatchObject({ code: 'disk_full' });
    const left = await runInSandbox(sandglass, {
      sandbox: 'box',
      command: 'ls -A /opt; cat /opt/old',
    });
    expect(left.stdout).toBe('half\nold\nrest\nold\n');
    const capture = refusal(captureSandbox(operations, { sandbox: 'box', name: 'full' }));
    expect(await capture).toMatchObject({ code: 'disk_full' });
    expect(await contentsOf(docker)).toEqual(before);
    await expectAgreement(sandglass, docker);

    await runInSandbox(sandglass, { sandbox: 'box', command: 'rm /opt/half /opt/rest' });
    await write('/opt/more', MIB);
    await captureSandbox(operations, { sandbox: 'box', name: 'again' });
    await removeEverything(sandglass);
    await sandglass.close();
  } finally {
    await registry.stop();
    await daemon.stop();
    await disk.unmount();
  }
});

it('with a full disk the search index finds what it has, reports what is missing and indexes it later', async () => {
  const disk = await mountDisk('ext4', 96 * MIB);
  const many = 'sandglass-test/many-files';
  const docker = dockerItself();
  const command =
    'mkdir /opt/many && cd /opt/many && seq 40000 | sed s/^/one-of-many-/ | xargs touch';
  const container = await docker.createContainer({
    Image: TEST_IMAGE,
    Cmd: ['/bin/sh', '-c', command],
  });
  await container.start();
  await container.wait();
  await container.commit({ repo: many, tag: '1' });
  await container.remove();
  const sandglass = await openTestEngine({ home: join(disk.path, 'home') });
  const { operations } = sandglass;
  try {
    const small = await buildSnapshot(operations, { name: 'small' });
    const large = await buildSnapshot(operations, { name: 'large', image: `${many}:1` });
    const { bavail, bsize } = await statfs(disk.path);
    const filler = join(disk.path, 'filler');
    // Space for the small one, with the overhead of the filesystem.
    await writeFile(filler, new Uint8Array(bavail * bsize - 6 * MIB), { flush: true });
    await operations.settings.update({ lookInside: true });
    await eventually(async () => (await operations.contents.status()).failed.length > 0);
    expect(await operations.contents.status()).toMatchObject({
      ready: 1,
      waiting: 0,
      failed: [{ snapshotId: large.id, message: 'The disk of this computer is full.' }],
    });
    const found = async (query: string) =>
      (await operations.contents.search({ query })).hits.map(({ snapshotId }) => snapshotId);
    expect(await found('bin/busybox')).toEqual([small.id]);
    expect(await found('one-of-many-39999')).toEqual([]);

    await rm(filler);
    await eventually(async () => (await operations.contents.status()).ready === 2);
    expect(await found('one-of-many-39999')).toEqual([large.id]);
    expect(lookAtIndex(join(disk.path, 'home')).faults).toEqual([]);
    await removeEverything(sandglass);
  } finally {
    await sandglass.close();
    await disk.unmount();
    await docker.getImage(`${many}:1`).remove();
  }
});

describe('the disk of the catalog', () => {
  let disk: Disk;
  let sandglass: Engine;
  const open = () => openTestEngine({ home: join(disk.path, 'home') });
  beforeEach(async () => {
    disk = await mountDisk('ext4', 8 * MIB);
    sandglass = await open();
    await buildSnapshot(sandglass.operations);
  });
  afterEach(async () => {
    await removeEverything(sandglass);
    await sandglass.close();
    await disk.unmount();
  });

  it('is full: an operation reports it and leaves nothing, and works once there is space', async () => {
    const filler = join(disk.path, 'filler');
    const before = await contentsOf(dockerItself());
    await writeFile(filler, new Uint8Array(16 * MIB)).catch(() => {});
    // The catalog's WAL has preallocated space before it must grow.
    const calls = Array.from({ length: 40 }, (_, i) =>
      sandglass.operations.snapshots
        .create({ name: `n${i}`, image: 'nowhere.invalid/image:1', note: 'x'.repeat(1000) })
        .then(
          ({ task }) => sandglass.operations.tasks.wait({ id: task.id }).then(({ error }) => error),
          (thrown: unknown) => thrown,
        ),
    );
    const refused = await Promise.all(calls);
    expect(refused).toContainEqual(expect.objectContaining({ code: 'disk_full' }));
    expect(refused).not.toContainEqual(expect.objectContaining({ code: 'internal' }));
    expect(await contentsOf(dockerItself())).toEqual(before);
    await rm(filler);
    await sandglass.close();
    sandglass = await open();
    await expectAgreement(sandglass);
    await buildSnapshot(sandglass.operations, { name: 'later' });
  });

  it('is read-only: the start reports it, and all data is there once it is writable', async () => {
    await sandglass.close();
    await disk.remount('ro');
    const start = async () =>
      openEngine({ home: join(disk.path, 'home'), env: { DOCKER_HOST: dockerHost() } });
    expect(await refusal(start())).toMatchObject({
      code: 'catalog_broken',
      message: expect.stringContaining('cannot be written'),
      hint: 'Check the permissions of that folder.',
    });
    await disk.remount('rw');
    sandglass = await open();
    expect((await sandglass.operations.snapshots.list({})).total).toBe(1);
  });
});
