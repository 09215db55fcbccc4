import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  bootSandbox,
  buildSnapshot,
  contentsOf,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';

it('stops an idle sandbox, and deletes it after its time', async () => {
  const sandglass = await openTestEngine();
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

it('continues the timers after a restart of the app', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  await buildSnapshot(first.operations);
  await bootSandbox(first.operations, { name: 'box', snapshotName: 'base' });
  await first.operations.sandboxes.stop({ sandbox: 'box' });
  await first.operations.sandboxes.update({ sandbox: 'box', deleteAfterStopSeconds: 2 });
  await first.close();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const second = await openTestEngine({ home });
  await eventually(async () => (await second.operations.sandboxes.list()).length === 0);
  await removeEverything(second);
});

describe('the system clock is set', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Sets the engine's clock only: Docker's clock and the monotonic clock are unchanged. */
  function setClock(days: number): void {
    const { now } = Date;
    const offset = days * 86_400_000;
    vi.spyOn(Date, 'now').mockImplementation(() => now.call(Date) + offset);
  }

  it.each([
    ['forward', 30],
    ['back', -30],
  ])('%s: what was stopped is deleted in its time, and not before', async (_how, days) => {
    const sandglass = await openTestEngine();
    const { sandboxes } = sandglass.operations;
    await buildSnapshot(sandglass.operations);
    const soon = { name: 'soon', snapshotName: 'base', deleteAfterStopSeconds: 3 };
    await bootSandbox(sandglass.operations, soon);
    await bootSandbox(sandglass.operations, {
      ...soon,
      name: 'later',
      deleteAfterStopSeconds: 3600,
    });
    await sandboxes.stop({ sandbox: 'later' });
    await sandboxes.stop({ sandbox: 'soon' });
    setClock(days);
    // Any event triggers a check of what is due.
    await sandboxes.update({ sandbox: 'later', idleStopSeconds: 60 });
    await eventually(async () => (await sandboxes.list()).length === 1);
    expect(await sandboxes.list()).toMatchObject([{ name: 'later', status: 'stopped' }]);
    await sandboxes.update({ sandbox: 'later', deleteAfterStopSeconds: 1 });
    await eventually(async () => (await sandboxes.list()).length === 0);
    await removeEverything(sandglass);
  });

  it('back: the removal of a container is still detected', async () => {
    const home = await freshHome();
    const first = await openTestEngine({ home });
    await buildSnapshot(first.operations);
    const { id } = await bootSandbox(first.operations, { name: 'box', snapshotName: 'base' });
    await first.close();
    const filters = { label: [`dev.sandglass.id=${id}`] };
    const [found] = await dockerItself().listContainers({ filters });
    await dockerItself()
      .getContainer(found?.Id ?? '')
      .remove({ force: true });
    setClock(-30);
    const second = await openTestEngine({ home });
    expect(await second.operations.sandboxes.list()).toEqual([]);
    await removeEverything(second);
  });
});

it('still stops an idle sandbox after the clock was set back', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
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
  const second = await openTestEngine({ home });
  await eventually(async () => {
    return (await second.operations.sandboxes.get({ sandbox: 'box' })).status === 'stopped';
  });
  await eventually(async () => {
    return (await second.operations.sandboxes.get({ sandbox: 'box' })).activity === null;
  });
  await removeEverything(second);
});

it('renames a sandbox permanently', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
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
  const second = await openTestEngine({ home });
  expect((await second.operations.sandboxes.get({ sandbox: id })).name).toBe('after');
  await removeEverything(second);
});
