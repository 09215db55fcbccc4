import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  freshHome,
  openTestEngine,
  refusal,
} from '../support/engine';
import { importBusybox } from '../support/images';

it('reports that there is no Docker engine, and how to fix it', async () => {
  const host = `unix://${join(await freshHome(), 'nobody.sock')}`;
  const { operations } = await openTestEngine({ host });
  const status = await operations.engine.status();
  expect(status).toMatchObject({
    state: 'unreachable',
    endpoint: host,
    endpointSource: 'DOCKER_HOST',
    error: { code: 'engine_unreachable', hint: expect.stringContaining('Start Docker') },
  });
  expect(status.nextAttemptAt).toBeGreaterThan(Date.now() - 1000);
  const create = operations.snapshots.create({ name: 'x', image: 'busybox' });
  expect(await refusal(create)).toMatchObject({ code: 'engine_unreachable', retryable: true });
  expect((await operations.snapshots.list({})).total).toBe(0);
});

it('refuses an invalid address', async () => {
  const { operations } = await openTestEngine({ host: 'nonsense' });
  expect((await operations.engine.status()).error?.message).toContain('not an engine address');
});

it('detects the end of the daemon and reconnects automatically', async () => {
  const daemon = await startDockerd();
  onTestFinished(() => daemon.stop());
  await importBusybox(daemon.host);
  const { operations } = await openTestEngine({ host: daemon.host });
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
  const state = async () => (await operations.engine.status()).state;

  await daemon.kill();
  await eventually(async () => (await state()) === 'reconnecting');
  // The last known list remains; an action reports why it fails.
  expect((await operations.sandboxes.list()).map(({ name }) => name)).toEqual(['box']);
  expect(await refusal(operations.sandboxes.stop({ sandbox: 'box' }))).toMatchObject({
    code: 'engine_unreachable',
  });

  await daemon.restart();
  await eventually(async () => (await state()) === 'ready');
  // Containers ended with their daemon, as the list shows.
  const { status } = await operations.sandboxes.get({ sandbox: 'box' });
  expect(status).toBe('stopped');
  expect((await operations.sandboxes.start({ sandbox: 'box' })).status).toBe('ready');
});

it('performs pending cleanups when the daemon is back', async () => {
  const daemon = await startDockerd();
  onTestFinished(() => daemon.stop());
  await importBusybox(daemon.host);
  const { operations } = await openTestEngine({ host: daemon.host });
  await buildSnapshot(operations);
  const { task } = await operations.sandboxes.create({ name: 'box', snapshotName: 'base' });
  await daemon.kill();
  const ended = await operations.tasks.wait({ id: task.id });
  await daemon.restart();
  await eventually(async () => (await operations.engine.status()).state === 'ready');
  const names = (await operations.sandboxes.list()).map(({ name }) => name);
  // Whichever came first, the reported outcome is the actual one.
  expect(names).toEqual(ended.state === 'succeeded' ? ['box'] : []);
});
