import { describe, expect, it } from 'vitest';
import type { DiskUsage } from '#shared/contract/disk';
import type { Snapshot } from '#shared/contract/snapshots';
import {
  diskOfThisFile,
  docker,
  dockerCommand,
  layersSize,
  MIB,
  noise,
  operations,
  referenceOf,
  run,
  twoOfAFamily,
} from '../support/diskFixture';
import { diskUsage } from '../support/diskUsage';
import { bootSandbox, buildSnapshot, captureSandbox } from '../support/engine';
import { commitFiller, TEST_IMAGE } from '../support/images';
import { bytesOfAll, layerFolders } from '../support/layerFolders';

diskOfThisFile();

/** Sizes of the parts, from the files in the daemon's folders. */
async function partsByFolders(usage: DiskUsage, snapshots: Snapshot[]) {
  const images = (await diskUsage(docker)).Images as Array<{ Id: string }>;
  const owners = new Map<string, string[]>();
  for (const { Id } of images) {
    for (const folder of await layerFolders(docker, Id)) {
      owners.set(folder, [...(owners.get(folder) ?? []), Id]);
    }
  }
  const ids = new Map<string, string>();
  for (const snapshot of snapshots) {
    ids.set(snapshot.id, (await docker.getImage(referenceOf(snapshot)).inspect()).Id);
  }
  const own = new Set(ids.values());
  const folders = [...owners];
  const isShared = ([, all]: [string, string[]]) => all.length > 1 && all.some((id) => own.has(id));
  const isOther = ([, all]: [string, string[]]) => !all.some((id) => own.has(id));
  const unique: Record<string, number> = {};
  for (const { snapshotId } of usage.snapshots) {
    const imageId = ids.get(snapshotId);
    const mine = folders.filter(([, all]) => all.length === 1 && all[0] === imageId);
    unique[snapshotId] = await bytesOfAll(mine.map(([folder]) => folder));
  }
  return {
    unique,
    shared: await bytesOfAll(folders.filter(isShared).map(([folder]) => folder)),
    other: await bytesOfAll(folders.filter(isOther).map(([folder]) => folder)),
  };
}

describe('disk usage', () => {
  it('adds up to the sizes that Docker reports, part by part', async () => {
    await commitFiller(docker, 'somebody/else', 6);
    await commitFiller(docker, 'somebody/twice', 2);
    const base = await buildSnapshot(operations, { name: 'base' });
    const filled = await buildSnapshot(operations, { name: 'filled', image: 'somebody/twice:1' });
    await bootSandbox(operations, { name: 'maker', snapshotName: 'base' });
    await run('maker', noise('/opt/a', 7));
    const first = await captureSandbox(operations, { sandbox: 'maker', name: 'first' });
    await run('maker', `${noise('/opt/b', 3)}; ${noise('/tmp/c', 2)}`);
    const second = await captureSandbox(operations, { sandbox: 'maker', name: 'second' });
    const family = await twoOfAFamily();
    const snapshots = [base, filled, first, second, ...family];

    const usage = await operations.disk.usage();
    const expected = await partsByFolders(usage, snapshots);
    const unique = Object.fromEntries(usage.snapshots.map((s) => [s.snapshotId, s.uniqueBytes]));
    expect(unique).toEqual(expected.unique);
    expect(usage.snapshots).toHaveLength(snapshots.length);
    expect(usage.sharedBytes).toBe(expected.shared);
    expect(usage.otherImageBytes).toBe(expected.other);

    const df = await diskUsage(docker);
    const uniqueBytes = usage.snapshots.reduce((total, s) => total + s.uniqueBytes, 0);
    expect(usage.layerBytes).toBe(df.LayersSize);
    expect(uniqueBytes + usage.sharedBytes + usage.otherImageBytes).toBe(df.LayersSize);
    // The 10 MiB in /opt, and files of the boot.
    const [sandbox] = usage.sandboxes;
    expect(sandbox?.writtenBytes).toBe(df.Containers[0].SizeRw);
    expect(sandbox?.writtenBytes).toBeGreaterThanOrEqual(10 * MIB);
    expect(sandbox?.volumeBytes).toBe(2 * MIB);
    expect([usage.otherContainerBytes, usage.otherVolumeBytes]).toEqual([0, 0]);
  });

  it('separates the objects of others', async () => {
    const container = await docker.createContainer({
      Image: TEST_IMAGE,
      Cmd: ['dd', 'if=/dev/zero', 'of=/opt/zero', 'bs=1M', 'count=2'],
    });
    await container.start();
    await container.wait();
    await dockerCommand('volume', 'create', 'theirs');
    await bootSandbox(operations, {
      name: 'box',
      snapshotId: (await buildSnapshot(operations)).id,
    });
    const usage = await operations.disk.usage();
    expect(usage.otherContainerBytes).toBe(2 * MIB);
    expect(usage.otherVolumeBytes).toBe(0);
    expect(usage.sandboxes).toHaveLength(1);
  });

  it('is measured after the call, and once for concurrent callers', async () => {
    const [one, other] = await Promise.all([operations.disk.usage(), operations.disk.usage()]);
    expect(one).toEqual(other);
    await commitFiller(docker, 'somebody/else', 3);
    const after = await operations.disk.usage();
    expect(after.layerBytes).toBe(await layersSize());
    expect(after.layerBytes - one.layerBytes).toBe(3 * MIB);
  });
});
