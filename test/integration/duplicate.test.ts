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
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

/** Makes a capture with an own file, a note, a label and a capacity. */
async function capturedOne(): Promise<Snapshot> {
  await buildSnapshot(operations);
  const box = await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
  await runInSandbox(sandglass, { sandbox: box.id, command: 'echo kept > /opt/file' });
  const kept = await captureSandbox(operations, {
    ...{ sandbox: box.id, name: 'kept', note: 'as it was', labels: { team: 'ml' } },
    fsCapacityBytes: 1024 ** 3,
  });
  await operations.sandboxes.delete({ sandbox: box.id });
  return kept;
}

async function duplicate(id: string, name: string, tag?: string): Promise<Snapshot> {
  const { snapshot, task } = await operations.snapshots.duplicate({ id, name, tag });
  expect(await operations.tasks.wait({ id: task.id })).toMatchObject({ state: 'succeeded' });
  return await operations.snapshots.get({ id: snapshot.id });
}

async function imageOf({ name, id }: Snapshot) {
  return await dockerItself().getImage(`sandglass/${name}:${id}`).inspect();
}

it('has the contents, layers and origin of the original, and outlives it', async () => {
  const kept = await capturedOne();
  const stable = await duplicate(kept.id, 'stable', 'v1');
  const { sourceSandboxName, parentSnapshotId, ancestors, fsCapacityBytes, runConfig } = kept;
  expect(stable).toMatchObject({
    ...{ name: 'stable', tag: 'v1', status: 'ready', note: 'as it was', labels: { team: 'ml' } },
    ...{ sourceSandboxName, parentSnapshotId, ancestors, fsCapacityBytes, runConfig },
    sizeBytes: kept.sizeBytes,
  });
  const [one, other] = [await imageOf(kept), await imageOf(stable)];
  expect(other.RootFS.Layers).toEqual(one.RootFS.Layers);
  expect(other.Config.Entrypoint).toEqual(one.Config.Entrypoint);
  expect(other.Config.Cmd).toEqual(one.Config.Cmd);
  expect(other.Config.Labels).toMatchObject({ 'dev.sandglass.name': 'stable' });

  await operations.snapshots.delete({ id: kept.id });
  const heir = await bootSandbox(operations, { name: 'heir', snapshotName: 'stable:v1' });
  const { stdout } = await runInSandbox(sandglass, { sandbox: heir.id, command: 'cat /opt/file' });
  expect(stdout).toBe('kept\n');
});

it('leaves nothing behind when deleted, and the original unchanged', async () => {
  const kept = await capturedOne();
  const before = await contentsOf(dockerItself());
  const again = await duplicate(kept.id, 'again');
  expect((await imageOf(again)).RepoTags).toEqual([`sandglass/again:${again.id}`]);
  await operations.snapshots.delete({ id: again.id });
  expect(await contentsOf(dockerItself())).toEqual(before);
  expect((await operations.snapshots.get({ id: kept.id })).status).toBe('ready');
});

it('leaves nothing behind when cancelled', async () => {
  const { id } = await buildSnapshot(operations);
  const before = await contentsOf(dockerItself());
  const { task } = await operations.snapshots.duplicate({ id, name: 'again' });
  expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
  expect(await contentsOf(dockerItself())).toEqual(before);
  expect((await operations.snapshots.list({})).total).toBe(1);
});

it('is refused with the name of the invalid field', async () => {
  const { id } = await buildSnapshot(operations, { name: 'base', tag: 'v1' });
  const refused = (input: { id: string; name: string; tag?: string }) =>
    refusal(operations.snapshots.duplicate(input));
  expect(await refused({ id, name: 'base', tag: 'v1' })).toMatchObject({
    ...{ code: 'name_taken', field: 'tag' },
  });
  expect(await refused({ id, name: 'No Name' })).toMatchObject({
    ...{ code: 'invalid_input', field: 'name' },
  });
  const unknown = '11111111-1111-4111-8111-111111111111';
  expect(await refused({ id: unknown, name: 'other' })).toMatchObject({ code: 'not_found' });
});
