import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type Docker from 'dockerode';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { openEngine } from '../../electron/engine/engine';
import { diskUsage } from '../support/diskUsage';
import { type Dockerd, startDockerd } from '../support/dockerd';
import { startHoldingProxy } from '../support/dockerProxy';
import { dockerItself, eventually, freshHome, openTestEngine } from '../support/engine';
import { commitFiller, importBusybox } from '../support/images';
import { manySnapshots } from '../support/manySnapshots';

const COUNT = 40;

interface ImageUsage {
  RepoTags: string[] | null;
  Size: number;
  SharedSize: number;
}

let daemon: Dockerd;
let docker: Docker;
let home: string;
beforeEach(async () => {
  // Debug level: the log then has every call.
  daemon = await startDockerd({ args: ['--debug'] });
  docker = dockerItself(daemon.host);
  await importBusybox(daemon.host);
  home = await freshHome();
  await manySnapshots(daemon, home, COUNT);
});
afterEach(() => daemon.stop());

/** Number of inspections of single images. */
async function inspections(): Promise<number> {
  const log = await readFile(join(daemon.folder, 'dockerd.log'), 'utf8');
  return [...log.matchAll(/Calling GET (?:\/v[\d.]+)?\/images\/\S+\/json/g)].length;
}

/** Unique bytes by the snapshots' tags, as the daemon reports them. */
async function uniqueBytes(): Promise<Record<string, number>> {
  const { Images } = await diskUsage(docker);
  return Object.fromEntries(
    (Images as ImageUsage[]).flatMap(({ RepoTags, Size, SharedSize }) =>
      (RepoTags ?? [])
        .filter((tag) => tag.startsWith('sandglass/'))
        .map((tag) => [tag, Size - SharedSize]),
    ),
  );
}

async function toldBytes({ operations }: Engine): Promise<Record<string, number | null>> {
  const { snapshots } = await operations.snapshots.list({ limit: 500 });
  return Object.fromEntries(
    snapshots.map(({ name, id, uniqueBytes }) => [`sandglass/${name}:${id}`, uniqueBytes]),
  );
}

it('inspects each image once, and not again at a later start', async () => {
  const first = await openTestEngine({ home, host: daemon.host });
  const before = await uniqueBytes();
  expect(Object.keys(before)).toHaveLength(COUNT);
  await eventually(async () => isDeepStrictEqual(await toldBytes(first), before));
  const { Images } = await diskUsage(docker);
  expect(await inspections()).toBe(Images.length);
  await first.close();

  // One image is removed and another added with Docker meanwhile.
  const [gone = ''] = Object.keys(before);
  await docker.getImage(gone).remove();
  await commitFiller(docker, 'somebody/else', 1);
  const asked = await inspections();
  const second = await openTestEngine({ home, host: daemon.host });
  const { snapshots } = await second.operations.snapshots.list({ limit: 500 });
  expect(snapshots).toHaveLength(COUNT - 1);
  const after = await uniqueBytes();
  for (const { id, name } of snapshots) {
    const { bytes } = await second.operations.disk.freedBy({ snapshotIds: [id] });
    expect(bytes).toBe(after[`sandglass/${name}:${id}`]);
  }
  expect((await inspections()) - asked).toBe(1);
  await second.close();
});

it('lists the catalog’s snapshots before Docker has listed its images', async () => {
  const first = await openTestEngine({ home, host: daemon.host });
  const { snapshots } = await first.operations.snapshots.list({ limit: 500 });
  await first.close();
  const [gone] = snapshots;
  await docker.getImage(`sandglass/${gone?.name}:${gone?.id}`).remove();

  const proxy = await startHoldingProxy(daemon.host, home, /\/images\/json/);
  const second = openEngine({ home, env: { DOCKER_HOST: proxy.host } });
  onTestFinished(() => second.close());
  const { engine, snapshots: listed, sandboxes } = second.operations;
  const ids = async () => (await listed.list({ limit: 500 })).snapshots.map(({ id }) => id);
  expect(await ids()).toEqual(snapshots.map(({ id }) => id));
  const retried = engine.retry();
  await eventually(async () => (await engine.status()).state === 'ready');
  expect(await ids()).toEqual(snapshots.map(({ id }) => id));
  const { sandbox, task } = await sandboxes.create({ name: 'box', snapshotId: snapshots[1]?.id });
  expect((await second.operations.tasks.wait({ id: task.id })).state).toBe('succeeded');

  proxy.release();
  await retried;
  expect(await ids()).toEqual(snapshots.slice(1).map(({ id }) => id));
  await sandboxes.delete({ sandbox: sandbox.id });
});

it('indexes a viewed snapshot before the others, despite other changes', async () => {
  const first = await openTestEngine({ home, host: daemon.host });
  await first.operations.settings.update({ lookInside: true });
  await first.close();

  // A window lists the catalog's snapshots before Docker has responded.
  const proxy = await startHoldingProxy(daemon.host, home, /\/images\/json/);
  const second = openEngine({ home, env: { DOCKER_HOST: proxy.host } });
  onTestFinished(() => second.close());
  const { operations } = second;
  const { snapshots } = await operations.snapshots.list({ limit: 500 });
  const newest = snapshots[0]?.id ?? '';
  // Requested once, as the window does; a list is refused until then, and does not change the priority.
  expect((await operations.contents.picture({ snapshotId: newest })).state).toBe('waiting');
  // Number of indexed snapshots at that moment, whenever the event arrives.
  const changes = await operations.events.subscribe();
  const readyThen = (async () => {
    for await (const change of changes) {
      if (change.type !== 'contents' || change.snapshotId !== newest) continue;
      if (change.status.reading === null) return change.status.ready;
    }
    return null;
  })();
  proxy.release();
  await operations.engine.retry();
  await eventually(async () => (await operations.contents.status()).reading);
  // No change raises the priority of these.
  for (const { id } of snapshots.slice(10)) {
    await operations.snapshots.update({ id, favourite: true });
  }
  expect(await readyThen).toBeLessThan(COUNT / 2);
  await operations.contents.list({ snapshotId: newest, path: '/' });
});
