import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  dockerItself,
  eventually,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { importBusybox } from '../support/images';
import { pushBigImage, startRegistry, type TestRegistry } from '../support/registry';
import { runInSandbox } from '../support/runInSandbox';

describe('dockerd is killed and restarted', () => {
  let registry: TestRegistry;
  let image: string;
  beforeAll(async () => {
    registry = await startRegistry();
    image = await pushBigImage(dockerItself(), registry);
  });
  afterAll(() => registry.stop());

  it.each(['pull', 'capture', 'boot', 'delete'] as const)('during a %s', async (what) => {
    const daemon = await startDockerd();
    try {
      await importBusybox(daemon.host);
      const sandglass = await openTestEngine({ host: daemon.host });
      const { operations } = sandglass;
      const base = await buildSnapshot(operations);
      await bootSandbox(operations, { name: 'box', snapshotId: base.id });
      const command = 'dd if=/dev/urandom of=/opt/big bs=1M count=100';
      await runInSandbox(sandglass, { sandbox: 'box', command });
      const deeds = {
        pull: () => buildSnapshot(operations, { name: 'big', image }),
        capture: () => captureSandbox(operations, { sandbox: 'box', name: 'captured' }),
        boot: () => bootSandbox(operations, { name: 'two', snapshotId: base.id }),
        delete: () => operations.sandboxes.delete({ sandbox: 'box' }),
      };
      const outcome = Promise.resolve(deeds[what]()).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      await daemon.kill();
      await outcome;
      await daemon.restart();
      await operations.engine.retry();
      const docker = dockerItself(daemon.host);
      await eventually(async () => {
        if ((await operations.engine.status()).state !== 'ready') await operations.engine.retry();
        return expectAgreement(sandglass, docker).then(
          () => true,
          () => false,
        );
      });
      if (what === 'pull') await buildSnapshot(operations, { name: 'big', image });
      await removeEverything(sandglass);
      await sandglass.close();
    } finally {
      await daemon.stop();
    }
  });
});

it('"docker image prune" removes no snapshot, and with "-a" only unused ones', async () => {
  const daemon = await startDockerd();
  try {
    await importBusybox(daemon.host);
    const docker = dockerItself(daemon.host);
    const sandglass = await openTestEngine({ host: daemon.host });
    const { operations } = sandglass;
    const used = await buildSnapshot(operations, { name: 'used' });
    await bootSandbox(operations, { name: 'box', snapshotId: used.id });
    const { id } = await captureSandbox(operations, { sandbox: 'box', name: 'captured' });
    // An image based on an untagged one.
    await operations.snapshots.update({ id, note: 'edited' });
    const before = await operations.snapshots.list({});
    await docker.pruneImages({ filters: JSON.stringify({ dangling: ['true'] }) });
    await expectAgreement(sandglass, docker);
    expect((await operations.snapshots.list({})).total).toBe(before.total);
    await operations.sandboxes.delete({
      sandbox: (await bootSandbox(operations, { snapshotId: id })).id,
    });

    // After the checks that follow a connection: from now on only events report it.
    await sleep(6000);
    await docker.pruneImages({ filters: JSON.stringify({ dangling: ['false'] }) });
    await eventually(async () => (await operations.snapshots.list({})).total === 1);
    await expectAgreement(sandglass, docker);
    await operations.sandboxes.stop({ sandbox: 'box' });
    await operations.sandboxes.start({ sandbox: 'box' });
    await bootSandbox(operations, { name: 'another', snapshotId: used.id });
    await removeEverything(sandglass);
    await sandglass.close();
  } finally {
    await daemon.stop();
  }
});
