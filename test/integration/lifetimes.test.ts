import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import {
  bootSandbox,
  buildSnapshot,
  contentsOf,
  dockerItself,
  eventually,
  freshHome,
  openEngine,
  refusal,
  removeEverything,
} from '../support/engine';

it('stops a sandbox that nobody uses, and deletes it in its time', async () => {
  const sandglass = await openEngine();
  const { operations } = sandglass;
  await buildSnapshot(operations);
  const before = await contentsOf(dockerItself());
  const box = await bootSandbox(operations, {
    name: 'box',
    snapshotName: 'base',
    idleStopSeconds: 2,
    deleteAfterStopSeconds: 2,
  });
  await bootSandbox(operations, { name: 'eternal', snapshotName: 'base' });
  const stopped = await eventually(async () => {
    const now = await operations.sandboxes.get({ sandbox: 'box' });
    return now.status === 'stopped' && now;
  });
  expect((stopped.stoppedAt ?? 0) - (box.startedAt ?? 0)).toBeGreaterThanOrEqual(2000);
  await eventually(async () => (await operations.sandboxes.list()).length === 1);
  expect((await operations.sandboxes.get({ sandbox: 'eternal' })).status).toBe('ready');
  await operations.sandboxes.delete({ sandbox: 'eternal' });
  expect(await contentsOf(dockerItself())).toEqual(before);
  await removeEverything(sandglass);
});

it('counts a running command, a file call and terminal traffic as use', async () => {
  const sandglass = await openEngine();
  const { operations } = sandglass;
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base', idleStopSeconds: 6 });
  const started = Date.now();
  await operations.sandboxes.run({ sandbox: 'box', command: 'sleep 7' });
  expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('ready');
  await operations.terminals.open({ sandbox: 'box', cols: 80, rows: 24 });
  const bytes = new Uint8Array(1);
  for (let round = 0; round < 7; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await operations.sandboxes.writeFile({ sandbox: 'box', path: '/opt/f', bytes });
  }
  const { status, startedAt } = await operations.sandboxes.get({ sandbox: 'box' });
  expect({ status, sinceStart: Date.now() - started >= 14_000 }).toEqual({
    status: 'ready',
    sinceStart: true,
  });
  expect(startedAt).toBeLessThanOrEqual(started);
  await eventually(async () => {
    const now = await operations.sandboxes.get({ sandbox: 'box' });
    return now.status === 'stopped' && now.activity === null;
  });
  await removeEverything(sandglass);
});

it('goes on with the clocks after a restart of the app', async () => {
  const home = await freshHome();
  const first = await openEngine({ home });
  await buildSnapshot(first.operations);
  await bootSandbox(first.operations, { name: 'box', snapshotName: 'base' });
  await first.operations.sandboxes.stop({ sandbox: 'box' });
  await first.operations.sandboxes.update({ sandbox: 'box', deleteAfterStopSeconds: 2 });
  await first.close();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const second = await openEngine({ home });
  await eventually(async () => (await second.operations.sandboxes.list()).length === 0);
  await removeEverything(second);
});

it('still stops an idle sandbox when the clock was set back', async () => {
  const home = await freshHome();
  const first = await openEngine({ home });
  await buildSnapshot(first.operations);
  await bootSandbox(first.operations, {
    name: 'box',
    snapshotName: 'base',
    idleStopSeconds: 1,
  });
  await first.close();
  const catalog = new Database(join(home, 'catalog.sqlite'));
  catalog.prepare('UPDATE sandboxes SET last_active_at = ?').run(Date.now() + 365 * 86_400_000);
  catalog.close();
  const second = await openEngine({ home });
  await eventually(async () => {
    return (await second.operations.sandboxes.get({ sandbox: 'box' })).status === 'stopped';
  });
  await eventually(async () => {
    return (await second.operations.sandboxes.get({ sandbox: 'box' })).activity === null;
  });
  await removeEverything(second);
});

it('renames a sandbox, for good', async () => {
  const home = await freshHome();
  const first = await openEngine({ home });
  const { operations } = first;
  await buildSnapshot(operations);
  const { id } = await bootSandbox(operations, { name: 'before', snapshotName: 'base' });
  await bootSandbox(operations, { name: 'other', snapshotName: 'base' });
  expect(await refusal(operations.sandboxes.update({ sandbox: id, name: 'other' }))).toMatchObject({
    code: 'name_taken',
    field: 'name',
  });
  expect((await operations.sandboxes.update({ sandbox: id, name: 'after' })).name).toBe('after');
  expect(await refusal(operations.sandboxes.get({ sandbox: 'before' }))).toMatchObject({
    code: 'not_found',
  });
  await first.close();
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(home, `catalog.sqlite${suffix}`), { force: true });
  }
  const second = await openEngine({ home });
  expect((await second.operations.sandboxes.get({ sandbox: id })).name).toBe('after');
  await removeEverything(second);
});
