import { expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

it('twenty concurrent starts, stops, suspensions and captures leave a consistent state', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const calls = Array.from({ length: 20 }, async (_, i) => {
    const sandbox = 'box';
    if (i % 4 === 0) return await operations.sandboxes.stop({ sandbox });
    if (i % 4 === 1) return await operations.sandboxes.start({ sandbox });
    if (i % 4 === 2) return await operations.sandboxes.suspend({ sandbox });
    return await captureSandbox(operations, { sandbox, name: `capture-${i}` });
  });
  const outcomes = await Promise.allSettled(calls);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      expect(['conflict', 'not_running']).toContain(outcome.reason.code);
    }
  }
  expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
  await expectAgreement(sandglass);
  await removeEverything(sandglass);
});

it('twenty concurrent operations of a kind run once: all starts and stops succeed, and one capture', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const sandbox = 'box';
  const twenty = <T>(call: (n: number) => Promise<T>) =>
    Promise.allSettled(Array.from({ length: 20 }, (_, n) => call(n)));
  const statusesOf = async (all: ReturnType<typeof twenty<{ status: string }>>) =>
    new Set((await all).map((one) => (one.status === 'fulfilled' ? one.value.status : one.reason)));
  const { sandboxes } = operations;
  expect(await statusesOf(twenty(() => sandboxes.stop({ sandbox })))).toEqual(new Set(['stopped']));
  expect(await statusesOf(twenty(() => sandboxes.start({ sandbox })))).toEqual(new Set(['ready']));
  const captures = await twenty((n) => captureSandbox(operations, { sandbox, name: `at-${n}` }));
  expect(captures.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  for (const capture of captures) {
    if (capture.status === 'rejected') expect(capture.reason).toMatchObject({ code: 'conflict' });
  }
  const kinds = (await operations.tasks.list()).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'sandbox.start')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'sandbox.stop')).toHaveLength(1);
  await expectAgreement(sandglass);
  await removeEverything(sandglass);
});

it('commands continue during captures, which do not wait for their end', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const running = runInSandbox(sandglass, { sandbox: 'box', command: 'sleep 3600' });
  running.catch(() => {});
  let over = false;
  const worker = async (n: number) => {
    for (let i = 0; !over || i < 3; i += 1) {
      const { stdout } = await runInSandbox(sandglass, { sandbox: 'box', command: `echo ${n}` });
      expect(stdout).toBe(`${n}\n`);
    }
  };
  const working = Promise.all(Array.from({ length: 4 }, (_, n) => worker(n)));
  for (let round = 1; round <= 8; round += 1) {
    await captureSandbox(operations, { sandbox: 'box', name: `round-${round}` });
  }
  over = true;
  await working;
  await expectAgreement(sandglass);
  await removeEverything(sandglass);
});
