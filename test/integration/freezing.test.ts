import { expect, it } from 'vitest';
import { toSandglassError } from '#shared/errors';
import { bootSandbox, buildSnapshot, openTestEngine, removeEverything } from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';
import { writeSandboxFile } from '../support/sandboxFiles';

/** Error codes that are allowed during a stop or a capture. */
const allowed = ['conflict', 'not_running', 'not_found', 'interrupted', 'engine_error'];

it('concurrent commands, file operations, stops and captures of one sandbox all end', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const { id } = await buildSnapshot(operations);
  const { id: sandbox } = await bootSandbox(operations, { snapshotId: id, name: 'busy' });
  const { sandboxes, snapshots, tasks } = operations;
  const unexpected: unknown[] = [];
  const attempt = async (call: Promise<unknown>) => {
    await call.catch((thrown: unknown) => {
      if (!allowed.includes(toSandglassError(thrown).code)) unexpected.push(thrown);
    });
  };
  const use = async (worker: number) => {
    for (let i = 0; i < 20; i += 1) {
      const path = `/opt/${worker}/${i % 3}`;
      if (i % 2)
        await attempt(runInSandbox(sandglass, { sandbox, command: 'cat /proc/self/status' }));
      else await attempt(writeSandboxFile(sandglass, { sandbox, path, bytes: new Uint8Array(8) }));
    }
  };
  const disturb = async () => {
    for (let i = 0; i < 12; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (i % 3) await attempt(sandboxes.stop({ sandbox }));
      else {
        const capture = snapshots.capture({ sandbox, name: `busy-${i}` });
        await attempt(capture.then(({ task }) => tasks.wait({ id: task.id })));
      }
    }
  };
  await Promise.all([1, 2, 3, 4].map(use).concat(disturb()));
  expect(unexpected).toEqual([]);
  expect((await runInSandbox(sandglass, { sandbox, command: 'echo well' })).stdout).toBe('well\n');
  await removeEverything(sandglass);
}, 600_000);
