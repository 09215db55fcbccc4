import { existsSync } from 'node:fs';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import type { Engine } from '../../electron/engine/engine';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import { expectAgreement, reachAgreement } from '../support/agreement';
import { startDockerd } from '../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { commitFiller, importBusybox } from '../support/images';
import { killWhile } from '../support/killedEngine';
import { pushImage, startRegistry, type TestRegistry } from '../support/registry';
import { runInSandbox } from '../support/runInSandbox';

/** An image with 100 MB of its own, which takes a moment to pull. Returns its name. */
async function pushBigImage(registry: TestRegistry): Promise<string> {
  const image = `${registry.address}/big:1`;
  const docker = dockerItself();
  await commitFiller(docker, 'sandglass-test/big', 100);
  await pushImage(docker, 'sandglass-test/big:1', image);
  await docker.getImage('sandglass-test/big:1').remove();
  return image;
}

/** The daemon may still be making what the killed app had asked for, and holds on to its image. */
async function removeInTheEnd(sandglass: Engine): Promise<void> {
  await eventually(() =>
    removeEverything(sandglass).then(
      () => true,
      () => false,
    ),
  );
}

describe('the app is killed', () => {
  let registry: TestRegistry;
  let image: string;
  beforeAll(async () => {
    registry = await startRegistry();
    image = await pushBigImage(registry);
  });
  afterAll(() => registry.stop());

  /** A home with a snapshot and a sandbox with a large change. */
  async function homeWithBox() {
    const home = await freshHome();
    const sandglass = await openTestEngine({ home });
    const base = await buildSnapshot(sandglass.operations);
    await bootSandbox(sandglass.operations, { name: 'box', snapshotId: base.id });
    await runInSandbox(sandglass, {
      sandbox: 'box',
      command: 'echo kept > /opt/kept; dd if=/dev/urandom of=/opt/big bs=1M count=100',
    });
    await sandglass.close();
    return { home, base };
  }

  /** The container of a home's one sandbox. */
  async function containerOf(home: string) {
    const filters = { label: [`dev.sandglass.home=${homeIdentity(home)}`] };
    const [found] = await dockerItself().listContainers({ filters });
    return dockerItself().getContainer(found?.Id ?? '');
  }

  async function reopened(home: string): Promise<Engine> {
    const sandglass = await openTestEngine({ home });
    // What the daemon was at goes on without the app, and is cleaned up when it ends.
    await reachAgreement(sandglass);
    return sandglass;
  }

  it.each([0, 100, 400])('during a pull (after %d ms)', async (afterMs) => {
    const home = await freshHome();
    const before = await contentsOf(dockerItself());
    await killWhile(home, { do: 'build', input: { name: 'big', image } }, afterMs);
    const sandglass = await reopened(home);
    const { snapshots } = await sandglass.operations.snapshots.list({});
    if (snapshots.length === 0) {
      const [task] = await sandglass.operations.tasks.list();
      if (task) expect(task).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
    }
    await removeInTheEnd(sandglass);
    await expect
      .poll(async () => {
        // A pull that was at its end gives its tag, as `docker pull` does, and be it later than this look.
        await dockerItself()
          .getImage(image)
          .remove()
          .catch(() => {});
        return await contentsOf(dockerItself());
      })
      .toEqual(before);
  });

  it.each([0, 100, 300])('during a capture (after %d ms)', async (afterMs) => {
    const { home } = await homeWithBox();
    const input = { sandbox: 'box', name: 'captured' };
    await killWhile(home, { do: 'capture', input }, afterMs);
    const sandglass = await reopened(home);
    const { sandboxes } = sandglass.operations;
    // Nobody had frozen it but the capture.
    await eventually(async () => (await sandboxes.get({ sandbox: 'box' })).status === 'ready');
    const { stdout } = await runInSandbox(sandglass, {
      sandbox: 'box',
      command: 'cat /opt/kept',
    });
    expect(stdout).toBe('kept\n');
    await captureSandbox(sandglass.operations, { sandbox: 'box', name: 'after' });
    await removeInTheEnd(sandglass);
  });

  it.each(['root', 'app'])(
    'during a command of the user %s, which is ended at the next start',
    async (user) => {
      const { home } = await homeWithBox();
      const container = await containerOf(home);
      const processes = async () => JSON.stringify((await container.top()).Processes);
      const first = await openTestEngine({ home });
      // What an ended command has left running on purpose.
      await runInSandbox(first, { sandbox: 'box', command: '(sleep 4324 >/dev/null 2>&1 &)' });
      await first.close();
      const command = '(setsid sleep 4325 &); sleep 4325';
      await killWhile(home, { do: 'run', input: { sandbox: 'box', command, user } }, () =>
        eventually(async () => (await processes()).split('"sleep 4325"').length === 3),
      );
      const sandglass = await reopened(home);
      await eventually(async () => !(await processes()).includes('sleep 4325'));
      expect(await processes()).toContain('sleep 4324');
      await removeEverything(sandglass);
    },
  );

  it.each([0, 50, 200])('during a boot (after %d ms)', async (afterMs) => {
    const { home, base } = await homeWithBox();
    await killWhile(home, { do: 'boot', input: { name: 'two', snapshotId: base.id } }, afterMs);
    const sandglass = await reopened(home);
    const names = (await sandglass.operations.sandboxes.list()).map(({ name }) => name);
    expect(names).toContain('box');
    await removeInTheEnd(sandglass);
  });

  it.each([0, 50])('during the deletion of a sandbox (after %d ms)', async (afterMs) => {
    const { home } = await homeWithBox();
    await killWhile(home, { do: 'deleteSandbox', input: { sandbox: 'box' } }, afterMs);
    const sandglass = await reopened(home);
    await removeInTheEnd(sandglass);
    await reachAgreement(sandglass);
  });

  it.each([0, 50])('during the deletion of a snapshot (after %d ms)', async (afterMs) => {
    const { home, base } = await homeWithBox();
    const first = await openTestEngine({ home });
    await first.operations.sandboxes.delete({ sandbox: 'box' });
    await first.close();
    await killWhile(home, { do: 'deleteSnapshot', input: { id: base.id } }, afterMs);
    const sandglass = await reopened(home);
    await removeInTheEnd(sandglass);
    await reachAgreement(sandglass);
  });
});

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

describe('dockerd is killed and restarted', () => {
  let registry: TestRegistry;
  let image: string;
  beforeAll(async () => {
    registry = await startRegistry();
    image = await pushBigImage(registry);
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
    // An image that stands on one without a name.
    await operations.snapshots.update({ id, note: 'edited' });
    const before = await operations.snapshots.list({});
    await docker.pruneImages({ filters: JSON.stringify({ dangling: ['true'] }) });
    await expectAgreement(sandglass, docker);
    expect((await operations.snapshots.list({})).total).toBe(before.total);
    await operations.sandboxes.delete({
      sandbox: (await bootSandbox(operations, { snapshotId: id })).id,
    });

    // After the looks that a connection brings: now only Docker's events tell of it.
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

it('pending cleanups are performed at the next connection to Docker', async () => {
  const home = await freshHome();
  const first = await openTestEngine({ home });
  const base = await buildSnapshot(first.operations);
  const unwanted = await buildSnapshot(first.operations, { name: 'unwanted' });
  const box = await bootSandbox(first.operations, { name: 'box', snapshotId: base.id });
  await first.close();
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  catalog.pendingCleanups.add({ id: box.id, kind: 'sandbox' });
  catalog.pendingCleanups.add({ id: unwanted.id, kind: 'snapshot' });
  catalog.close();
  const sandglass = await openTestEngine({ home });
  expect(await sandglass.operations.sandboxes.list()).toEqual([]);
  const { snapshots } = await sandglass.operations.snapshots.list({});
  expect(snapshots.map(({ name }) => name)).toEqual(['base']);
  await expectAgreement(sandglass);
  await removeEverything(sandglass);
});

describe('the catalog is', () => {
  async function homeWithBox() {
    const home = await freshHome();
    const sandglass = await openTestEngine({ home });
    await buildSnapshot(sandglass.operations);
    await bootSandbox(sandglass.operations, { name: 'box', snapshotName: 'base' });
    await sandglass.close();
    return { home, file: join(home, 'catalog.sqlite') };
  }

  const damages: Record<string, (file: string) => Promise<void>> = {
    deleted: (file) => rm(file),
    'cut in half': async (file) => truncate(file, (await readFile(file)).length / 2),
    'no database at all': (file) => writeFile(file, 'not a database'.repeat(1000)),
    empty: (file) => truncate(file, 0),
  };

  it.each(Object.keys(damages))(
    '%s: it is rebuilt, and a corrupt file is kept aside',
    async (how) => {
      const { home, file } = await homeWithBox();
      await damages[how]?.(file);
      const sandglass = await openTestEngine({ home });
      expect((await sandglass.operations.sandboxes.list()).map(({ name }) => name)).toEqual([
        'box',
      ]);
      expect((await sandglass.operations.snapshots.list({})).total).toBe(1);
      await expectAgreement(sandglass);
      const kept = (await readdir(home)).filter((name) =>
        name.startsWith('catalog.sqlite.broken-'),
      );
      const isBroken = how === 'cut in half' || how === 'no database at all';
      expect(kept.length > 0).toBe(isBroken);
      expect(existsSync(file)).toBe(true);
      await removeEverything(sandglass);
    },
  );
});
