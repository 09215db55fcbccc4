import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Change } from '#shared/contract/events';
import type { Task } from '#shared/contract/tasks';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  contentsOf,
  dockerItself,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { pushImage, startRegistry, type TestRegistry } from '../support/registry';
import { runInSandbox } from '../support/runInSandbox';

let registry: TestRegistry;
let image: string;
beforeAll(async () => {
  registry = await startRegistry();
  image = `${registry.address}/team/tools:1`;
  await pushTwoLayers();
});
afterAll(() => registry.stop());

/** Makes an image with a second layer that is large enough to show progress. */
async function pushTwoLayers(): Promise<void> {
  const docker = dockerItself();
  const command = 'dd if=/dev/urandom of=/opt/big bs=1M count=40';
  const container = await docker.createContainer({ Image: TEST_IMAGE, Cmd: ['sh', '-c', command] });
  await container.start();
  await container.wait();
  await container.commit({ repo: 'sandglass-test/two-layers', tag: '1' });
  await container.remove();
  await pushImage(docker, 'sandglass-test/two-layers:1', image);
  await docker.getImage('sandglass-test/two-layers:1').remove();
}

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

it('pulls an image with progress by layer, and boots from it', async () => {
  const abort = new AbortController();
  const tasks: Task[] = [];
  const changes = await operations.events.subscribe(undefined, { signal: abort.signal });
  const following = follow(changes, (task) => tasks.push(task));
  const snapshot = await buildSnapshot(operations, { name: 'tools', image });
  abort.abort();
  await following;

  expect(snapshot.imageDigest).toMatch(new RegExp(`^${registry.address}/team/tools@sha256:`));
  const pulling = tasks.filter(({ progress }) => progress.step === `Pulling ${image}`);
  const fractions = pulling.map(({ progress }) => progress.fraction ?? 0);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  const last = pulling.at(-1)?.progress;
  expect(last?.layers.length).toBeGreaterThanOrEqual(1);
  expect(last?.bytesTotal).toBeGreaterThan(40_000_000);
  await bootSandbox(operations, { name: 'box', snapshotName: 'tools' });
  const { stdout } = await runInSandbox(sandglass, {
    sandbox: 'box',
    command: 'wc -c < /opt/big',
  });
  expect(stdout.trim()).toBe(String(40 * 1024 ** 2));
});

it('leaves no tag of the pull, and frees all space with the snapshot', async () => {
  const before = await contentsOf(dockerItself());
  const { id } = await buildSnapshot(operations, { name: 'tools', image });
  expect((await contentsOf(dockerItself())).images).not.toContain(image);
  await operations.snapshots.delete({ id });
  expect(await contentsOf(dockerItself())).toEqual(before);
});

it('shares one pull between concurrent builds', async () => {
  const both = await Promise.all([
    buildSnapshot(operations, { name: 'one', image }),
    buildSnapshot(operations, { name: 'two', image }),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['ready', 'ready']);
});

it.each(['no-such-tag', 'no-such-repository'])(
  'names an image that is not there (%s)',
  async (what) => {
    const missing =
      what === 'no-such-tag'
        ? `${registry.address}/team/tools:9`
        : `${registry.address}/none/none:1`;
    const before = await contentsOf(dockerItself());
    const { task } = await operations.snapshots.create({ name: 'x', image: missing });
    const ended = await operations.tasks.wait({ id: task.id });
    expect(ended).toMatchObject({
      state: 'failed',
      error: {
        code: 'image_not_found',
        field: 'image',
        message: expect.stringContaining(missing),
        hint: expect.stringContaining('spelling'),
      },
    });
    expect(await contentsOf(dockerItself())).toEqual(before);
  },
);

async function follow(changes: AsyncIterable<Change>, onTask: (task: Task) => void): Promise<void> {
  try {
    for await (const change of changes) if (change.type === 'task') onTask(change.task);
  } catch {
    // The test aborts the stream.
  }
}
