import { existsSync } from 'node:fs';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import type { Engine } from '../../electron/engine/engine';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import { expectAgreement, reachAgreement } from '../support/agreement';
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
import { killWhile } from '../support/killedEngine';
import { pushBigImage, startRegistry, type TestRegistry } from '../support/registry';
import { runInSandbox } from '../support/runInSandbox';

/** Retries: the daemon may still perform a request of the killed app, which uses its image. */
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
    image = await pushBigImage(dockerItself(), registry);
  });
  afterAll(() => registry.stop());

  /** Makes a home with a snapshot and a sandbox with large changes. */
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

  /** Returns the container of the only sandbox of a home. */
  async function containerOf(home: string) {
    const filters = { label: [`dev.sandglass.home=${homeIdentity(home)}`] };
    const [found] = await dockerItself().listContainers({ filters });
    return dockerItself().getContainer(found?.Id ?? '');
  }

  async function reopened(home: string): Promise<Engine> {
    const sandglass = await openTestEngine({ home });
    // The daemon finishes the request without the app; its result is cleaned up then.
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
        // A pull that was almost complete adds its tag, as `docker pull` does, possibly after this check.
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
    // Only the capture had paused it.
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
      // A background process of an ended command.
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
