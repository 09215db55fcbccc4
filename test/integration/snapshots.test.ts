import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { commitFiller } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';
import { startSilentServer } from '../support/silentServer';

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

describe('building a snapshot from an image', () => {
  it('records its source, and is an image in Docker', async () => {
    const snapshot = await buildSnapshot(operations, {
      name: 'team/base',
      tag: 'v1',
      note: 'Two lines\nand "quotes"',
      labels: { team: 'ml' },
      fsCapacityBytes: 1024 ** 3,
    });
    expect(snapshot).toMatchObject({
      name: 'team/base',
      tag: 'v1',
      status: 'ready',
      image: TEST_IMAGE,
      imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      platform: 'linux/amd64',
      note: 'Two lines\nand "quotes"',
      labels: { team: 'ml' },
      fsCapacityBytes: 1024 ** 3,
      sandboxCount: 0,
    });
    const image = await dockerItself().getImage(`sandglass/team/base:${snapshot.id}`).inspect();
    expect(image.Size).toBe(snapshot.sizeBytes);
    expect(image.Config.Labels).toMatchObject({
      'dev.sandglass.kind': 'snapshot',
      'dev.sandglass.id': snapshot.id,
      'dev.sandglass.name': 'team/base',
      'dev.sandglass.image': TEST_IMAGE,
      'dev.sandglass.created': new Date(snapshot.createdAt).toISOString(),
    });
  });

  it('keeps the run configuration of the image', async () => {
    const docker = dockerItself();
    const container = await docker.createContainer({
      Image: TEST_IMAGE,
      Cmd: ['true'],
      Env: ['MODEL=gpt'],
      User: 'app',
      WorkingDir: '/opt',
    });
    await container.commit({ repo: 'sandglass-test/configured', tag: '1' });
    await container.remove();
    const { runConfig } = await buildSnapshot(operations, { image: 'sandglass-test/configured:1' });
    expect(runConfig).toMatchObject({ user: 'app', workDir: '/opt', env: { MODEL: 'gpt' } });
    await docker.getImage('sandglass-test/configured:1').remove();
  });

  it('leaves the user’s image and its tag unchanged', async () => {
    const before = await dockerItself().getImage(TEST_IMAGE).inspect();
    const { id } = await buildSnapshot(operations);
    await operations.snapshots.delete({ id });
    expect((await dockerItself().getImage(TEST_IMAGE).inspect()).Id).toBe(before.Id);
  });

  it('adds a version to an existing name', async () => {
    const first = await buildSnapshot(operations, { name: 'py', tag: 'v1' });
    const second = await buildSnapshot(operations, { name: 'py', tag: 'v2' });
    const newest = await bootSandbox(operations, { snapshotName: 'py' });
    const tagged = await bootSandbox(operations, { snapshotName: 'py:v1' });
    expect([newest.snapshotId, tagged.snapshotId]).toEqual([second.id, first.id]);
    const again = await refusal(
      operations.snapshots.create({ name: 'py', tag: 'v1', image: TEST_IMAGE }),
    );
    expect(again).toMatchObject({ code: 'name_taken', field: 'tag' });
  });
});

describe('a build that fails', () => {
  async function failureOf(image: string) {
    const docker = dockerItself();
    const before = await contentsOf(docker);
    const { snapshot, task } = await operations.snapshots.create({ name: 'broken', image });
    expect(snapshot.status).toBe('building');
    const ended = await operations.tasks.wait({ id: task.id });
    expect(ended.state).toBe('failed');
    expect(await contentsOf(docker)).toEqual(before);
    expect((await operations.snapshots.list({})).total).toBe(0);
    return ended.error;
  }

  it('reports an unreachable registry', async () => {
    expect(await failureOf('127.0.0.1:1/none/none:1')).toMatchObject({
      code: 'registry_unreachable',
      retryable: true,
      hint: expect.stringContaining('network'),
    });
  });

  it('reports an invalid reference', async () => {
    const refused = await refusal(
      operations.snapshots.create({ name: 'broken', image: 'Not/A/Reference' }),
    );
    expect(refused).toMatchObject({ code: 'invalid_input', field: 'image' });
  });

  it('reports an image without a shell', async () => {
    const docker = dockerItself();
    const container = await docker.createContainer({ Image: TEST_IMAGE, Cmd: ['rm', '/bin/sh'] });
    await container.start();
    await container.wait();
    await container.commit({ repo: 'sandglass-test/noshell', tag: '1' });
    await container.remove();
    expect(await failureOf('sandglass-test/noshell:1')).toMatchObject({
      code: 'image_unusable',
      message: expect.stringContaining('/bin/sh'),
    });
    await docker.getImage('sandglass-test/noshell:1').remove();
  });
});

it('can be cancelled during a hanging pull, and leaves nothing behind', async () => {
  const silent = await startSilentServer();
  const docker = dockerItself();
  const before = await contentsOf(docker);
  const image = `${silent.address}/slow/image:1`;
  const { task } = await operations.snapshots.create({ name: 'slow', image });
  await eventually(async () => {
    return (await operations.tasks.get({ id: task.id })).progress.step.startsWith('Pulling');
  });
  const ended = await operations.tasks.cancel({ id: task.id });
  expect(ended).toMatchObject({ state: 'cancelled', error: null, cancellable: false });
  expect(await contentsOf(docker)).toEqual(before);
  expect((await operations.snapshots.list({})).total).toBe(0);
  silent.close();
});

describe('listing', () => {
  it('pages, newest first, and filters by name ignoring case', async () => {
    for (const name of ['alpha', 'beta', 'beta-two']) await buildSnapshot(operations, { name });
    const names = async (query: Parameters<typeof operations.snapshots.list>[0]) => {
      const { snapshots, total } = await operations.snapshots.list(query);
      return [total, ...snapshots.map(({ name }) => name)];
    };
    expect(await names({})).toEqual([3, 'beta-two', 'beta', 'alpha']);
    expect(await names({ limit: 1, offset: 1 })).toEqual([3, 'beta']);
    expect(await names({ nameContains: 'BETA' })).toEqual([2, 'beta-two', 'beta']);
    expect(await names({ nameContains: '%' })).toEqual([0]);
  });

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 501 }, 'limit'],
    [{ offset: -1 }, 'offset'],
    [{ limit: 1.5 }, 'limit'],
  ])('refuses %j by name', async (query, field) => {
    expect(await refusal(operations.snapshots.list(query))).toMatchObject({
      code: 'invalid_input',
      field,
      message: expect.stringContaining(field),
    });
  });
});

it('reports the unique size of a snapshot, which its deletion frees', async () => {
  const base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const command = 'dd if=/dev/urandom of=/opt/own bs=1M count=8';
  await runInSandbox(sandglass, { sandbox: 'box', command });
  const captured = await captureSandbox(operations, { sandbox: 'box', name: 'captured' });
  const own = await eventually(async () => {
    const { uniqueBytes } = await operations.snapshots.get({ id: captured.id });
    return uniqueBytes !== null && { uniqueBytes };
  });
  expect(own.uniqueBytes).toBeGreaterThanOrEqual(8 * 1024 ** 2);
  expect(own.uniqueBytes).toBeLessThan(9 * 1024 ** 2);
});

describe('deleting', () => {
  it('is refused while a sandbox uses it, and the sandbox is named', async () => {
    const { id } = await buildSnapshot(operations);
    await bootSandbox(operations, { name: 'user-of-base', snapshotId: id });
    expect(await refusal(operations.snapshots.delete({ id }))).toMatchObject({
      code: 'in_use',
      message: expect.stringContaining('"user-of-base"'),
    });
    await operations.sandboxes.delete({ sandbox: 'user-of-base' });
    await operations.snapshots.delete({ id });
    expect(await refusal(operations.snapshots.get({ id }))).toMatchObject({ code: 'not_found' });
  });

  it('succeeds while another client removes its source image', async () => {
    const docker = dockerItself();
    const failures: unknown[] = [];
    for (let round = 0; round < 16; round += 1) {
      await commitFiller(docker, 'shared-parent', 5);
      const { id } = await buildSnapshot(operations, { image: 'shared-parent:1' });
      await Promise.all([
        operations.snapshots.delete({ id }).catch((thrown) => failures.push(thrown)),
        sleep(round * 3).then(() =>
          docker
            .getImage('shared-parent:1')
            .remove()
            .catch(() => {}),
        ),
      ]);
      await docker
        .getImage('shared-parent:1')
        .remove()
        .catch(() => {});
    }
    expect(failures).toEqual([]);
  });

  it('of a missing snapshot is a not-found error', async () => {
    const id = '550e8400-e29b-41d4-a716-446655440000';
    expect(await refusal(operations.snapshots.delete({ id }))).toMatchObject({ code: 'not_found' });
    expect(await refusal(operations.snapshots.get({ id: 'nonsense' }))).toMatchObject({
      code: 'invalid_input',
      field: 'id',
    });
  });
});

it.each(['', 'Has Space', 'UPPER', '../up', 'a'.repeat(129)])(
  'refuses the name "%s" before anything is made',
  async (name) => {
    const refused = await refusal(operations.snapshots.create({ name, image: TEST_IMAGE }));
    expect(refused).toMatchObject({ code: 'invalid_input', field: 'name' });
    expect(await operations.tasks.list()).toEqual([]);
  },
);
