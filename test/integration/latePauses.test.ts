import type Docker from 'dockerode';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { answerOf, startDockerProxy } from '../support/dockerProxy';
import {
  bootSandbox,
  buildSnapshot,
  dockerHost,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

/** Number of the daemon's next responses that have the state before the last pause or unpause. */
let oldAnswers = 0;
/** Callbacks just before the engine's next call of a kind reaches the daemon. */
let meanwhile: Record<string, () => Promise<unknown>> = {};

let sandglass: Engine;
let operations: Engine['operations'];
let container: Docker.Container;

/** Opens an engine with a Docker that reports stale pauses, as Engine 20.10 sometimes does, and boots a sandbox. */
beforeEach(async () => {
  oldAnswers = 0;
  meanwhile = {};
  const before = new Map<string, Buffer>();
  const host = await startDockerProxy(dockerHost(), await freshHome(), async (line) => {
    const [, method, path = '', call = ''] = /^(\w+) (\/containers\/\w+)\/(\w+)/.exec(line) ?? [];
    if (call === 'pause' || call === 'unpause') {
      before.set(path, await answerOf(dockerHost(), `${path}/json`));
    }
    const act = meanwhile[call];
    delete meanwhile[call];
    await act?.();
    const isOld = method === 'GET' && call === 'json' && before.has(path) && oldAnswers > 0;
    if (isOld) oldAnswers -= 1;
    return isOld ? (before.get(path) ?? null) : null;
  });
  sandglass = await openTestEngine({ host });
  operations = sandglass.operations;
  const base = await buildSnapshot(operations);
  const { id } = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const filters = { label: [`dev.sandglass.id=${id}`] };
  const [found] = await dockerItself().listContainers({ filters });
  container = dockerItself().getContainer(found?.Id ?? '');
});
afterEach(() => removeEverything(sandglass));

const box = () => operations.sandboxes.get({ sandbox: 'box' });

it('suspend and start take effect despite stale pause states from Docker', async () => {
  for (const late of [1, 2, 5]) {
    oldAnswers = late;
    expect((await operations.sandboxes.suspend({ sandbox: 'box' })).suspended).toBe(true);
    expect((await container.inspect()).State.Paused).toBe(true);
    oldAnswers = late;
    expect((await operations.sandboxes.start({ sandbox: 'box' })).status).toBe('ready');
    expect((await container.inspect()).State.Paused).toBe(false);
  }
});

it('a stale pause state is ignored, and a pause with Docker is not', async () => {
  await operations.sandboxes.suspend({ sandbox: 'box' });
  await operations.sandboxes.start({ sandbox: 'box' });
  const changes = await operations.events.subscribe();
  oldAnswers = 3;
  // An event makes the engine inspect it.
  await container.update({ CpuShares: 512 });
  await eventually(async () => oldAnswers === 0);
  await operations.sandboxes.update({ sandbox: 'box', idleStopSeconds: 3600 });
  for await (const change of changes) {
    if (change.type !== 'sandbox') continue;
    expect(change.sandbox.suspended).toBe(false);
    if (change.sandbox.idleStopSeconds === 3600) break;
  }

  await container.pause();
  await eventually(async () => (await box()).suspended);
  await container.unpause();
  await eventually(async () => (await box()).status === 'ready');
});

it('an operation succeeds if Docker has performed it just before', async () => {
  meanwhile.pause = () => container.pause();
  expect((await operations.sandboxes.suspend({ sandbox: 'box' })).suspended).toBe(true);
  meanwhile.unpause = () => container.unpause();
  expect((await operations.sandboxes.start({ sandbox: 'box' })).status).toBe('ready');
  await operations.sandboxes.suspend({ sandbox: 'box' });
  meanwhile.unpause = () => container.unpause();
  expect((await operations.sandboxes.stop({ sandbox: 'box' })).suspended).toBe(false);
  expect((await container.inspect()).State.Status).toBe('exited');
});

it('a command that Docker refuses for a stale pause is retried', async () => {
  await container.pause();
  meanwhile.exec = async () => {
    meanwhile.exec = () => container.unpause();
  };
  const { stdout } = await runInSandbox(sandglass, { sandbox: 'box', command: 'echo here' });
  expect(stdout).toBe('here\n');
});
