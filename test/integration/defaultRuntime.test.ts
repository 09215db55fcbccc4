import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  contentsOf,
  dockerItself,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

it('has a usable default image', async () => {
  expect((await operations.settings.get()).defaultImage).toBe('python:3.12-slim');
});

it('becomes a snapshot at the first boot without one, and is shared by later boots', async () => {
  await operations.settings.update({ defaultImage: TEST_IMAGE });
  const [one, two] = await Promise.all([
    bootSandbox(operations, { name: 'one' }),
    bootSandbox(operations, { name: 'two' }),
  ]);
  expect(one).toMatchObject({
    status: 'ready',
    snapshotName: 'default',
    snapshotId: two.snapshotId,
  });
  const { stdout } = await runInSandbox(sandglass, { sandbox: 'one', command: 'pwd' });
  expect(stdout).toBe('/root\n');
  expect((await bootSandbox(operations, {})).snapshotId).toBe(one.snapshotId);
  expect((await operations.snapshots.list({})).total).toBe(1);
});

it('reports how to proceed if it cannot be pulled, and leaves nothing behind', async () => {
  await operations.settings.update({ defaultImage: 'registry.invalid/python:3.12' });
  const before = await contentsOf(dockerItself());
  expect(await refusal(bootSandbox(operations, {}))).toMatchObject({
    code: 'registry_unreachable',
    message: expect.stringContaining('The default image'),
    hint: expect.stringContaining('choose another default image in Settings'),
  });
  expect(await contentsOf(dockerItself())).toEqual(before);
  expect(await operations.sandboxes.list()).toEqual([]);
});

it('is not used for an unknown or ambiguous snapshot', async () => {
  const id = '11111111-1111-4111-8111-111111111111';
  expect(await refusal(operations.sandboxes.create({ snapshotName: 'none' }))).toMatchObject({
    code: 'not_found',
    field: 'snapshotName',
  });
  const both = operations.sandboxes.create({ snapshotName: 'none', snapshotId: id });
  expect(await refusal(both)).toMatchObject({ code: 'invalid_input', field: 'snapshotName' });
});
