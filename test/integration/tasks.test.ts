import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Change } from '#shared/contract/events';
import type { Task } from '#shared/contract/tasks';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import {
  bootSandbox,
  buildSnapshot,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { startSilentServer } from '../support/silentServer';

it('ends in exactly one state, and every change is announced', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const abort = new AbortController();
  const changes: Change[] = [];
  const stream = await operations.events.subscribe(undefined, { signal: abort.signal });
  const following = (async () => {
    for await (const change of stream) changes.push(change);
  })().catch(() => {});
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
  await operations.sandboxes.stop({ sandbox: 'box' });
  await removeEverything(sandglass);
  await expect
    .poll(() => changes)
    .toContainEqual(
      expect.objectContaining({
        task: expect.objectContaining({ kind: 'snapshot.delete', state: 'succeeded' }),
      }),
    );
  abort.abort();
  await following;

  const tasks = changes.filter((change) => change.type === 'task').map(({ task }) => task);
  const ended = tasks.filter(({ endedAt }) => endedAt !== null);
  expect(ended.map(({ kind, state }) => [kind, state])).toEqual([
    ['snapshot.create', 'succeeded'],
    ['sandbox.create', 'succeeded'],
    ['sandbox.stop', 'succeeded'],
    ['sandbox.delete', 'succeeded'],
    ['snapshot.delete', 'succeeded'],
  ]);
  const sandboxes = changes.filter((change) => change.type === 'sandbox');
  const seen = sandboxes.map(({ sandbox }) => sandbox.activity ?? sandbox.status);
  expect([...new Set(seen)]).toEqual(['provisioning', 'ready', 'stopping', 'stopped', 'deleting']);
  const snapshots = changes.filter((change) => change.type === 'snapshot');
  const statuses = new Set(snapshots.map(({ snapshot }) => snapshot.status));
  expect([...statuses]).toEqual(['building', 'ready', 'deleting']);
  expect(changes.filter(({ type }) => type.endsWith('.removed')).length).toBe(2);
});

it('keeps its history over a restart, and clears it when asked', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  await buildSnapshot(first.operations);
  await removeEverything(first);
  const before = await first.operations.tasks.list();
  await first.close();
  const second = await openTestEngine({ home });
  const kinds = (tasks: Task[]) => tasks.map(({ id, kind, state }) => [id, kind, state]);
  expect(kinds(await second.operations.tasks.list())).toEqual(kinds(before));
  await second.operations.tasks.clearEnded();
  expect(await second.operations.tasks.list()).toEqual([]);
});

it('is interrupted after a crash', async () => {
  const home = await freshHome();
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  catalog.tasks.save({
    id: '22222222-2222-4222-8222-222222222222',
    kind: 'snapshot.create',
    subject: 'base',
    snapshotId: null,
    sandboxId: null,
    state: 'running',
    error: null,
    outcome: null,
    startedAt: Date.now(),
    endedAt: null,
  });
  catalog.close();
  const { operations } = await openTestEngine({ home });
  expect(await operations.tasks.list()).toMatchObject([
    { state: 'failed', error: { code: 'interrupted', retryable: true }, cancellable: false },
  ]);
});

it('continues after a caller’s timeout', async () => {
  const { operations } = await openTestEngine();
  const silent = await startSilentServer();
  const { task } = await operations.snapshots.create({
    name: 'slow',
    image: `${silent.address}/slow/image:1`,
  });
  const refused = await refusal(operations.tasks.wait({ id: task.id, timeoutSeconds: 1 }));
  expect(refused).toMatchObject({ code: 'timeout', retryable: true });
  expect((await operations.tasks.get({ id: task.id })).state).toBe('running');
  expect((await operations.snapshots.list({})).snapshots).toMatchObject([{ status: 'building' }]);
  expect((await operations.tasks.cancel({ id: task.id })).state).toBe('cancelled');
  silent.close();
});

it('cannot be cancelled once it has ended', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const { task } = await operations.snapshots.create({ name: 'base', image: TEST_IMAGE });
  await operations.tasks.wait({ id: task.id });
  expect((await operations.tasks.cancel({ id: task.id })).state).toBe('succeeded');
  await removeEverything(sandglass);
});
