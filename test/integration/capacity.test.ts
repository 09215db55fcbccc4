import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { mountDisk } from '../support/disk';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { commitFiller, importBusybox } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';

const MIB = 1024 ** 2;
const capacity = 32 * MIB;

let sandglass: Engine;
let operations: Engine['operations'];

const fill = (mebibytes: number) =>
  runInSandbox(sandglass, {
    sandbox: 'box',
    command: `dd if=/dev/urandom of=/opt/fill bs=1M count=${mebibytes}`,
  });

describe('a soft capacity, on a storage driver without quotas', () => {
  beforeEach(async () => {
    sandglass = await openTestEngine();
    operations = sandglass.operations;
    await buildSnapshot(operations);
  });
  afterEach(() => removeEverything(sandglass));

  it('is reported as soft; usage is measured after use, and a list does not wait for it', async () => {
    await bootSandbox(operations, {
      name: 'box',
      snapshotName: 'base',
      fsCapacityBytes: capacity,
    });
    await fill(8);
    expect((await operations.sandboxes.get({ sandbox: 'box' })).capacityKind).toBe('soft');
    await eventually(async () => {
      const { fsUsedBytes } = await operations.sandboxes.get({ sandbox: 'box' });
      return fsUsedBytes !== null && fsUsedBytes >= 8 * MIB && fsUsedBytes < capacity;
    });
  });

  it('refuses captures once exceeded, until space is freed or the capacity raised', async () => {
    await bootSandbox(operations, {
      name: 'box',
      snapshotName: 'base',
      fsCapacityBytes: capacity,
    });
    await fill(40);
    const before = await contentsOf(dockerItself());
    expect(await refusal(captureSandbox(operations, { sandbox: 'box', name: 'x' }))).toMatchObject({
      code: 'capacity_exceeded',
      field: 'fsCapacityBytes',
    });
    expect(await contentsOf(dockerItself())).toEqual(before);
    const wider = { sandbox: 'box', name: 'wider', fsCapacityBytes: 64 * MIB };
    expect((await captureSandbox(operations, wider)).fsCapacityBytes).toBe(64 * MIB);
    await operations.sandboxes.deleteFile({ sandbox: 'box', path: '/opt/fill' });
    await captureSandbox(operations, { sandbox: 'box', name: 'fits' });
  });

  it('below the size of the image is refused by a build and by a boot', async () => {
    const docker = dockerItself();
    await commitFiller(docker, 'sandglass-test/big', 20);
    const before = await contentsOf(docker);
    const small = { image: 'sandglass-test/big:1', fsCapacityBytes: 16 * MIB };
    const refused = { code: 'invalid_input', field: 'fsCapacityBytes' };
    expect(await refusal(buildSnapshot(operations, { name: 'big', ...small }))).toMatchObject(
      refused,
    );
    expect(await contentsOf(docker)).toEqual(before);
    await buildSnapshot(operations, { name: 'big', image: small.image });
    const boot = operations.sandboxes.create({ snapshotName: 'big', fsCapacityBytes: 16 * MIB });
    expect(await refusal(boot)).toMatchObject(refused);
    await removeEverything(sandglass);
    await docker.getImage('sandglass-test/big:1').remove();
  });
});

it('a write beyond the capacity fails on a storage driver with quotas', async () => {
  const disk = await mountDisk('btrfs', 512 * MIB);
  try {
    const daemon = await startDockerd({
      args: ['--data-root', disk.path, '--storage-driver', 'btrfs'],
    });
    try {
      await importBusybox(daemon.host);
      sandglass = await openTestEngine({ host: daemon.host });
      operations = sandglass.operations;
      await buildSnapshot(operations, { fsCapacityBytes: capacity });
      const box = await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
      expect(box).toMatchObject({ capacityKind: 'hard', fsCapacityBytes: capacity });
      const { exitCode, stderr } = await fill(64);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/No space left|quota exceeded/i);
      const { stdout } = await runInSandbox(sandglass, {
        sandbox: 'box',
        command: 'wc -c < /opt/fill',
      });
      expect(Number(stdout)).toBeLessThan(capacity);
      await captureSandbox(operations, { sandbox: 'box', name: 'full' });
      await removeEverything(sandglass);
      await sandglass.close();
    } finally {
      await daemon.stop();
    }
  } finally {
    await disk.unmount();
  }
});
