import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  removeEverything,
} from '../support/engine';

it('restores everything from Docker when the catalog is deleted', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  const base = await buildSnapshot(first.operations, {
    tag: 'v1',
    note: 'The base',
    labels: { a: 'b' },
  });
  await bootSandbox(first.operations, {
    name: 'box',
    snapshotId: base.id,
    vcpus: 0.5,
    memBytes: 64 * 1024 ** 2,
    env: { A: 'b' },
    user: 'app',
  });
  const { id } = await captureSandbox(first.operations, { sandbox: 'box', name: 'captured' });
  const { task } = await first.operations.snapshots.duplicate({ id, name: 'again', tag: 'v2' });
  expect(await first.operations.tasks.wait({ id: task.id })).toMatchObject({ state: 'succeeded' });
  await bootSandbox(first.operations, { name: 'stopped', snapshotName: 'captured' });
  const stopped = await first.operations.sandboxes.stop({ sandbox: 'stopped' });
  // Renamed with Docker, to a name that no sandbox has.
  const byId = { label: [`dev.sandglass.id=${stopped.id}`] };
  const [found] = await dockerItself().listContainers({ all: true, filters: byId });
  await dockerItself()
    .getContainer(found?.Id ?? '')
    .rename({ name: 'by-hand' });
  const snapshots = await first.operations.snapshots.list({});
  const sandboxes = await first.operations.sandboxes.list();
  await first.close();

  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(home, `catalog.sqlite${suffix}`), { force: true });
  }
  const second = await openTestEngine({ home });
  // Excludes what is measured again.
  const withoutTimes = <T extends { updatedAt: number; uniqueBytes: number | null }>(all: T[]) =>
    all.map(({ updatedAt: _, uniqueBytes: __, ...rest }) => rest);
  expect(withoutTimes((await second.operations.snapshots.list({})).snapshots)).toEqual(
    withoutTimes(snapshots.snapshots),
  );
  const withoutUse = <T extends { fsUsedBytes: number | null }>(all: T[]) =>
    all.map(({ fsUsedBytes: _, ...rest }) => rest);
  expect(withoutUse(await second.operations.sandboxes.list())).toEqual(withoutUse(sandboxes));
  await removeEverything(second);
});

it('restores a changed note and labels, under the same id', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  const { id } = await buildSnapshot(first.operations, { name: 'base', note: 'old' });
  await bootSandbox(first.operations, { name: 'box', snapshotId: id });
  const change = { note: 'new\n"note"', labels: { team: 'ä=b c' } };
  const image = dockerItself().getImage(`sandglass/base:${id}`);
  const { Layers } = (await image.inspect()).RootFS;
  expect(await first.operations.snapshots.update({ id, ...change })).toMatchObject(change);
  expect((await image.inspect()).RootFS.Layers).toEqual(Layers);
  await first.close();
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(home, `catalog.sqlite${suffix}`), { force: true });
  }
  const second = await openTestEngine({ home });
  expect(await second.operations.snapshots.get({ id })).toMatchObject({ id, ...change });
  await bootSandbox(second.operations, { name: 'heir', snapshotId: id });
  expect((await second.operations.sandboxes.get({ sandbox: 'heir' })).labels).toEqual(
    change.labels,
  );
  const before = await contentsOf(dockerItself());
  await removeEverything(second);
  expect((await contentsOf(dockerItself())).images.length).toBeLessThan(before.images.length);
});

it('a lost catalog deletes no sandbox, whatever lifetime its label has', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  await buildSnapshot(first.operations);
  const ending = { deleteAfterStopSeconds: 1 };
  await bootSandbox(first.operations, { name: 'box', snapshotName: 'base', ...ending });
  await first.operations.sandboxes.update({ sandbox: 'box', deleteAfterStopSeconds: 0 });
  await first.operations.sandboxes.stop({ sandbox: 'box' });
  await first.close();
  rmSync(join(home, 'catalog.sqlite'));
  const second = await openTestEngine({ home });
  const box = await second.operations.sandboxes.get({ sandbox: 'box' });
  expect(box).toMatchObject({ status: 'stopped', deleteAfterStopSeconds: 0 });
  await removeEverything(second);
});

it('never changes the objects of another home', async () => {
  const one = await openTestEngine();
  const other = await openTestEngine();
  await buildSnapshot(one.operations);
  await bootSandbox(one.operations, { name: 'box', snapshotName: 'base' });
  expect((await other.operations.snapshots.list({})).total).toBe(0);
  expect(await other.operations.sandboxes.list()).toEqual([]);
  await buildSnapshot(other.operations);
  await bootSandbox(other.operations, { name: 'box', snapshotName: 'base' });
  await removeEverything(other);
  expect((await one.operations.sandboxes.get({ sandbox: 'box' })).status).toBe('ready');
  await removeEverything(one);
});

it('follows changes by the docker CLI', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const docker = dockerItself();
  const before = await contentsOf(docker);
  const base = await buildSnapshot(operations);
  const box = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const [found] = await docker.listContainers({
    filters: { label: [`dev.sandglass.id=${box.id}`] },
  });
  const container = docker.getContainer(found?.Id ?? '');
  const status = async () => (await operations.sandboxes.get({ sandbox: 'box' })).status;

  await container.rename({ name: 'renamed-by-hand' });
  await operations.sandboxes.stop({ sandbox: 'box' });
  await operations.sandboxes.start({ sandbox: 'box' });
  await container.stop({ t: 0 });
  await eventually(async () => (await status()) === 'stopped');
  await container.start();
  await eventually(async () => (await status()) === 'ready');
  await container.pause();
  await eventually(async () => (await operations.sandboxes.get({ sandbox: 'box' })).statusMessage);
  await container.unpause();
  await container.remove({ force: true });
  await eventually(async () => (await operations.sandboxes.list()).length === 0);
  await docker.getImage(`sandglass/base:${base.id}`).remove();
  await eventually(async () => (await operations.snapshots.list({})).total === 0);
  await eventually(async () => JSON.stringify(await contentsOf(docker)) === JSON.stringify(before));
});

it('drops a sandbox that was removed during an operation', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  await buildSnapshot(operations);
  const box = await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
  const docker = dockerItself();
  const filters = { label: [`dev.sandglass.id=${box.id}`] };
  const [found] = await docker.listContainers({ filters });
  await docker.getContainer(found?.Id ?? '').remove({ force: true });
  // Inspections during the operation are stale for the sandbox, and no event follows; nor does the
  // check five seconds after each connection. A check between two of these changes may drop it
  // sooner, which is correct too.
  const end = Date.now() + 6000;
  try {
    for (let i = 0; Date.now() < end; i += 1) {
      await operations.sandboxes.update({ sandbox: box.id, idleStopSeconds: 600 + i });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'not_found' });
  }
  await eventually(async () => (await operations.sandboxes.list()).length === 0);
  await removeEverything(sandglass);
});

it('removes incomplete objects of a crash', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  const docker = dockerItself();
  const base = await buildSnapshot(first.operations);
  const sandbox = await bootSandbox(first.operations, { name: 'x', snapshotId: base.id });
  await first.close();
  const [found] = await docker.listContainers({
    filters: { label: [`dev.sandglass.id=${sandbox.id}`] },
  });
  const { Config } = await docker.getContainer(found?.Id ?? '').inspect();
  // Remains of a killed app: a sandbox that was never started, and a builder.
  const id = '11111111-1111-4111-8111-111111111111';
  const labels = { ...Config.Labels, 'dev.sandglass.id': id };
  await docker.createContainer({ Image: Config.Image, Cmd: ['sh'], Labels: labels });
  await docker.createContainer({
    Image: Config.Image,
    Cmd: ['sh'],
    Labels: { ...labels, 'dev.sandglass.kind': 'builder' },
  });
  await docker.createVolume({
    Name: `sandglass-tmp-${id}`,
    Labels: { ...labels, 'dev.sandglass.kind': 'tmp' },
  });
  // Images that were built in an existing sandbox and in a deleted one.
  for (const owner of [sandbox.id, id]) {
    await docker.getContainer(found?.Id ?? '').commit({
      repo: `sandglass-build/${owner}`,
      tag: 'built',
      changes: `LABEL dev.sandglass.kind=built\nLABEL dev.sandglass.id=${owner}`,
    });
  }
  const built = async () =>
    (await contentsOf(docker)).images.filter((name) => name.startsWith('sandglass-build/'));
  const second = await openTestEngine({ home });
  expect((await second.operations.sandboxes.list()).map(({ name }) => name)).toEqual(['x']);
  expect(await built()).toEqual([`sandglass-build/${sandbox.id}:built`]);
  const left = await docker.listContainers({
    all: true,
    filters: { label: [`dev.sandglass.id=${id}`] },
  });
  expect(left).toEqual([]);
  expect((await contentsOf(docker)).volumes).not.toContain(`sandglass-tmp-${id}`);
  await removeEverything(second);
  expect(await built()).toEqual([]);
});
