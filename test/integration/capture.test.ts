import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { loadLayeredImage } from '../support/imageArchive';
import { testLength } from '../support/long';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
let base: Snapshot;
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
  base = await buildSnapshot(operations);
});
afterEach(() => removeEverything(sandglass));

async function output(sandbox: string, command: string): Promise<string> {
  return (await runInSandbox(sandglass, { sandbox, command })).stdout;
}

async function containerOf(id: string) {
  const [found] = await dockerItself().listContainers({
    all: true,
    filters: { label: [`dev.sandglass.id=${id}`] },
  });
  return dockerItself().getContainer(found?.Id ?? '');
}

it('keeps files and omits /tmp and processes', async () => {
  const box = await bootSandbox(operations, { name: 'setup-box', snapshotId: base.id });
  await output('setup-box', 'echo "model: gpt-5" > /opt/config.yaml; echo x > /tmp/state.txt');
  await output('setup-box', '(sleep 7777 >/dev/null 2>&1 &)');
  const captured = await captureSandbox(operations, { sandbox: 'setup-box', name: 'ml-ready' });
  expect(captured).toMatchObject({
    name: 'ml-ready',
    status: 'ready',
    sourceSandboxId: box.id,
    sourceSandboxName: 'setup-box',
    parentSnapshotId: base.id,
    image: null,
  });
  expect(await output('setup-box', 'cat /tmp/state.txt; ps')).toMatch(/^x\n[\s\S]*sleep 7777/);
  await operations.sandboxes.delete({ sandbox: 'setup-box' });
  await bootSandbox(operations, { name: 'next', snapshotName: 'ml-ready' });
  expect(await output('next', 'cat /opt/config.yaml; ls -A /tmp')).toBe('model: gpt-5\n');
  expect(await output('next', 'ps')).not.toContain('sleep 7777');
});

it('keeps the environment, working directory, user and labels of the sandbox', async () => {
  await bootSandbox(operations, {
    name: 'box',
    snapshotId: base.id,
    env: { MODEL: 'gpt' },
    workDir: '/opt',
    user: 'app',
    labels: { team: 'ml', stage: 'draft' },
  });
  const captured = await captureSandbox(operations, {
    sandbox: 'box',
    name: 'configured',
    labels: { stage: 'final' },
  });
  expect(captured.labels).toEqual({ team: 'ml', stage: 'final' });
  expect(captured.runConfig).toMatchObject({ user: 'app', workDir: '/opt' });
  await bootSandbox(operations, { name: 'next', snapshotId: captured.id });
  expect(await output('next', 'id -un; pwd; echo $MODEL')).toBe('app\n/opt\ngpt\n');
});

it('captures a stopped sandbox, which stays stopped', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await output('box', 'echo 1 > /opt/f');
  await operations.sandboxes.stop({ sandbox: 'box' });
  const captured = await captureSandbox(operations, { sandbox: 'box', name: 'from-stopped' });
  expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('stopped');
  await bootSandbox(operations, { name: 'next', snapshotId: captured.id });
  expect(await output('next', 'cat /opt/f')).toBe('1\n');
});

it('keeps a sandbox paused that was paused with Docker', async () => {
  const { id } = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const container = await containerOf(id);
  await container.pause();
  await captureSandbox(operations, { sandbox: 'box', name: 'while-paused' });
  expect((await container.inspect()).State.Paused).toBe(true);
  await container.unpause();
});

it('can be captured from again, and its ancestor can be deleted', async () => {
  await bootSandbox(operations, { name: 'one', snapshotId: base.id });
  await output('one', 'echo 1 > /opt/one');
  const first = await captureSandbox(operations, { sandbox: 'one', name: 'first' });
  await bootSandbox(operations, { name: 'two', snapshotId: first.id });
  await output('two', 'echo 2 > /opt/two');
  const second = await captureSandbox(operations, { sandbox: 'two', name: 'second' });
  await operations.sandboxes.delete({ sandbox: 'one' });
  await operations.sandboxes.delete({ sandbox: 'two' });
  await operations.snapshots.delete({ id: first.id });
  await bootSandbox(operations, { name: 'three', snapshotId: second.id });
  expect(await output('three', 'cat /opt/one /opt/two')).toBe('1\n2\n');
  expect(second.parentSnapshotId).toBe(first.id);
  expect(second.ancestors).toEqual([
    { id: first.id, name: 'first' },
    { id: base.id, name: base.name },
  ]);
});

it('leaves nothing behind when cancelled', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await output('box', 'dd if=/dev/urandom of=/opt/big bs=1M count=64');
  const before = await contentsOf(dockerItself());
  const { task } = await operations.snapshots.capture({ sandbox: 'box', name: 'cancelled' });
  expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
  expect(await contentsOf(dockerItself())).toEqual(before);
  expect((await operations.snapshots.list({ nameContains: 'cancelled' })).total).toBe(0);
  expect(await operations.sandboxes.get({ sandbox: 'box' })).toMatchObject({
    status: 'ready',
    activity: null,
  });
});

it('refuses a missing sandbox', async () => {
  const capture = operations.snapshots.capture({ sandbox: 'nobody', name: 'x' });
  expect(await refusal(capture)).toMatchObject({ code: 'not_found', field: 'sandbox' });
});

it('keeps the contents of declared volumes', async () => {
  const docker = dockerItself();
  const container = await docker.createContainer({ Image: base.image ?? '', Cmd: ['true'] });
  await container.commit({
    repo: 'sandglass-test/database',
    tag: '1',
    changes: 'VOLUME /var/lib/data\nENV GREETING="two words"\nENTRYPOINT ["/bin/entry"]',
  });
  await container.remove();
  const before = await contentsOf(docker);
  const database = await buildSnapshot(operations, {
    name: 'database',
    image: 'sandglass-test/database:1',
  });
  expect(database.runConfig.env).toMatchObject({ GREETING: 'two words' });
  await bootSandbox(operations, { name: 'box', snapshotId: database.id });
  await output('box', 'echo kept > /var/lib/data/table');
  const captured = await captureSandbox(operations, { sandbox: 'box', name: 'filled' });
  await bootSandbox(operations, { name: 'next', snapshotId: captured.id });
  expect(await output('next', 'cat /var/lib/data/table; echo $GREETING')).toBe('kept\ntwo words\n');
  const image = await docker.getImage(`sandglass/filled:${captured.id}`).inspect();
  expect(image.Config.Entrypoint).toEqual(['/bin/entry']);
  await removeEverything(sandglass);
  base = await buildSnapshot(operations);
  expect((await contentsOf(docker)).volumes).toEqual(before.volumes);
  await docker.getImage('sandglass-test/database:1').remove();
});

const captures = testLength({ short: 30, long: 150 });
/** Two captures below the number of layers at which they are joined. */
const LAYERS = 98;

it(`can be captured from ${captures} times in a chain, past Docker’s limit of layers`, {
  timeout: 900_000,
  tags: ['long'],
}, async () => {
  const docker = dockerItself();
  await loadLayeredImage(docker, 'sandglass-test/layered:1', LAYERS);
  let parent = await buildSnapshot(operations, {
    name: 'layered',
    image: 'sandglass-test/layered:1',
  });
  const capture = async (round: number) => {
    const name = `round-${round}`;
    await bootSandbox(operations, { name, snapshotId: parent.id });
    await output(name, `echo ${round} >> /opt/rounds`);
    return await captureSandbox(operations, { sandbox: name, name: 'chain' });
  };
  /** Removes the previous round's objects during the next one. */
  let cleanUp = async () => {};
  for (let round = 1; round <= captures; round += 1) {
    const [next] = await Promise.all([capture(round), cleanUp()]);
    const { id } = parent;
    cleanUp = async () => {
      await operations.sandboxes.delete({ sandbox: `round-${round}` });
      await operations.snapshots.delete({ id });
    };
    parent = next;
  }
  await cleanUp();
  await bootSandbox(operations, { name: 'last', snapshotId: parent.id });
  expect(await output('last', 'wc -l < /opt/rounds; tail -n 1 /opt/rounds')).toBe(
    `${captures}\n${captures}\n`,
  );
  expect(await output('last', `cat /opt/layer-${LAYERS - 2}`)).toBe(`${LAYERS - 2}\n`);
  const image = await docker.getImage(`sandglass/chain:${parent.id}`).inspect();
  expect(image.RootFS.Layers?.length).toBeLessThan(127);
  await removeEverything(sandglass);
  await docker.getImage('sandglass-test/layered:1').remove();
});
