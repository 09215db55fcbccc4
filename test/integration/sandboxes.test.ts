import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  contentsOf,
  dockerItself,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
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

describe('booting', () => {
  it('works by id and by name, with a given or a generated name', async () => {
    const byId = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    const byName = await bootSandbox(operations, { snapshotName: 'base' });
    expect(byId).toMatchObject({
      name: 'box',
      status: 'ready',
      snapshotId: base.id,
      stoppedAt: null,
    });
    expect(byName.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect((await operations.snapshots.get({ id: base.id })).sandboxCount).toBe(2);
  });

  it('applies limits, environment, working directory, user and labels', async () => {
    const { id } = await bootSandbox(operations, {
      name: 'box',
      snapshotId: base.id,
      vcpus: 0.5,
      memBytes: 64 * 1024 ** 2,
      env: { MODEL: 'gpt=5' },
      workDir: '/opt',
      user: 'app',
      labels: { run: '7' },
    });
    expect(await output('box', 'pwd; id -un; echo $MODEL')).toBe('/opt\napp\ngpt=5\n');
    const [container] = await dockerItself().listContainers({
      filters: { label: [`dev.sandglass.id=${id}`] },
    });
    const { HostConfig } = await dockerItself()
      .getContainer(container?.Id ?? '')
      .inspect();
    expect(HostConfig).toMatchObject({
      NanoCpus: 5e8,
      Memory: 64 * 1024 ** 2,
      Init: true,
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
    });
    expect((await operations.sandboxes.get({ sandbox: 'box' })).labels).toEqual({ run: '7' });
  });

  it('provides a /tmp that every user can write to', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id, user: 'app' });
    expect(await output('box', 'stat -c %a /tmp; touch /tmp/mine && echo ok')).toBe('1777\nok\n');
  });

  it('is refused with both a snapshot id and a name', async () => {
    const both = operations.sandboxes.create({ snapshotId: base.id, snapshotName: 'base' });
    expect(await refusal(both)).toMatchObject({
      code: 'invalid_input',
      field: 'snapshotName',
      message: expect.stringContaining('at most one'),
    });
  });

  it.each([
    [{ snapshotName: 'nope' }, 'snapshotName'],
    [{ snapshotName: 'base:v9' }, 'snapshotName'],
    [{ snapshotId: '550e8400-e29b-41d4-a716-446655440000' }, 'snapshotId'],
  ])('is refused from %j, which is not there', async (input, field) => {
    const before = await contentsOf(dockerItself());
    expect(await refusal(operations.sandboxes.create(input))).toMatchObject({
      code: 'not_found',
      field,
    });
    expect(await contentsOf(dockerItself())).toEqual(before);
  });

  it('is refused with a taken name, and leaves the first one unchanged', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    const before = await contentsOf(dockerItself());
    const second = operations.sandboxes.create({ name: 'box', snapshotId: base.id });
    expect(await refusal(second)).toMatchObject({ code: 'name_taken', field: 'name' });
    expect(await contentsOf(dockerItself())).toEqual(before);
    expect((await operations.sandboxes.list()).length).toBe(1);
  });

  it.each(['Box', 'a b', 'a_b', '-a', '../x', 'ü'])(
    'is refused under the name "%s"',
    async (name) => {
      const refused = await refusal(operations.sandboxes.create({ name, snapshotId: base.id }));
      expect(refused).toMatchObject({
        code: 'invalid_input',
        field: 'name',
        message: expect.stringContaining('lowercase letters, digits and "-"'),
      });
    },
  );

  it('leaves nothing behind when cancelled', async () => {
    const before = await contentsOf(dockerItself());
    const { task } = await operations.sandboxes.create({ name: 'box', snapshotId: base.id });
    expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
    expect(await contentsOf(dockerItself())).toEqual(before);
    expect(await operations.sandboxes.list()).toEqual([]);
  });
});

describe('stop and start', () => {
  it('keep every file, /tmp included', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await output('box', 'echo hello > /tmp/state.txt; echo kept > /opt/kept.txt');
    const stopped = await operations.sandboxes.stop({ sandbox: 'box' });
    expect(stopped).toMatchObject({ status: 'stopped', activity: null });
    expect(stopped.stoppedAt).toBeGreaterThan(stopped.createdAt);
    const started = await operations.sandboxes.start({ sandbox: 'box' });
    expect(started).toMatchObject({ status: 'ready', stoppedAt: null });
    expect(await output('box', 'cat /tmp/state.txt /opt/kept.txt')).toBe('hello\nkept\n');
  });

  it('end the sandbox by SIGTERM, not by the kill after the grace period', async () => {
    const { id } = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await operations.sandboxes.stop({ sandbox: 'box' });
    const [container] = await dockerItself().listContainers({
      all: true,
      filters: { label: [`dev.sandglass.id=${id}`] },
    });
    const { State } = await dockerItself()
      .getContainer(container?.Id ?? '')
      .inspect();
    expect(State.ExitCode).toBe(128 + 15);
  });

  it('change nothing if there is nothing to do', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    expect((await operations.sandboxes.start({ sandbox: 'box' })).status).toBe('ready');
    await operations.sandboxes.stop({ sandbox: 'box' });
    expect((await operations.sandboxes.stop({ sandbox: 'box' })).status).toBe('stopped');
  });

  it('are automatic when a command arrives for a stopped sandbox', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await output('box', 'echo kept > /tmp/f');
    await operations.sandboxes.stop({ sandbox: 'box' });
    expect(await output('box', 'cat /tmp/f')).toBe('kept\n');
    expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('ready');
  });

  it('are not done for a terminal, which is refused with a hint', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await operations.sandboxes.stop({ sandbox: 'box' });
    const open = operations.terminals.open({ sandbox: 'box', cols: 80, rows: 24 });
    expect(await refusal(open)).toMatchObject({ code: 'not_running', hint: 'Start it first.' });
  });

  it('end with their own result, however fast they follow each other', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    // Docker sends an event for each pause, possibly late.
    for (let i = 0; i < 100; i += 1) {
      expect((await operations.sandboxes.suspend({ sandbox: 'box' })).suspended).toBe(true);
      expect((await operations.sandboxes.start({ sandbox: 'box' })).status).toBe('ready');
    }
  }, 600_000);

  it('are refused during another operation, which is named', async () => {
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    const stopping = operations.sandboxes.stop({ sandbox: 'box' });
    const refused = await refusal(operations.sandboxes.delete({ sandbox: 'box' }));
    expect(refused).toMatchObject({ code: 'conflict', message: '"box" is being stopped.' });
    await stopping;
  });
});

describe('deleting', () => {
  it('removes a running sandbox with its container and volume', async () => {
    const before = await contentsOf(dockerItself());
    await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await operations.sandboxes.delete({ sandbox: 'box' });
    expect(await contentsOf(dockerItself())).toEqual(before);
    expect(await refusal(operations.sandboxes.delete({ sandbox: 'box' }))).toMatchObject({
      code: 'not_found',
      message: 'There is no sandbox "box".',
    });
  });
});

it('reaps zombies', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await output('box', '(sleep 0.1 &) ; sleep 0.5');
  await expect
    .poll(() => output('box', 'grep -l "State:.Z" /proc/[0-9]*/status 2>/dev/null; true'))
    .toBe('');
});
