import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import type { DiskUsage } from '#shared/contract/disk';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import type { Engine } from '../../electron/engine/engine';
import { diskUsage } from '../support/diskUsage';
import { emptyDaemon } from '../support/dockerContents';
import { type Dockerd, startDockerd } from '../support/dockerd';
import {
  asSoonAs,
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  dockerItself,
  endOf,
  openTestEngine,
  refusal,
} from '../support/engine';
import { commitFiller, importBusybox, TEST_IMAGE } from '../support/images';
import { bytesOfAll, layerFolders } from '../support/layerFolders';
import { runInSandbox } from '../support/runInSandbox';

const exec = promisify(execFile);
const MIB = 1024 ** 2;

/** A daemon of its own: other tests' images would be in its sums. */
let daemon: Dockerd;
let docker: Docker;
let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  daemon = await startDockerd();
  docker = dockerItself(daemon.host);
});
afterAll(() => daemon.stop());
beforeEach(async () => {
  await importBusybox(daemon.host);
  sandglass = await openTestEngine({ host: daemon.host });
  operations = sandglass.operations;
});
afterEach(async () => {
  await sandglass.close();
  await emptyDaemon(docker);
});

function referenceOf({ name, id }: Snapshot): string {
  return `sandglass/${name}:${id}`;
}

/** `LayersSize`: all layers, each once. */
async function layersSize(): Promise<number> {
  return (await diskUsage(docker)).LayersSize;
}

async function freedBy(...snapshots: Snapshot[]): Promise<number> {
  const snapshotIds = snapshots.map(({ id }) => id);
  return (await operations.disk.freedBy({ snapshotIds })).bytes;
}

/** What has really come free when these are gone. */
async function deleting(...snapshots: Snapshot[]): Promise<number> {
  const before = await layersSize();
  for (const { id } of snapshots) await operations.snapshots.delete({ id });
  return before - (await layersSize());
}

async function run(sandbox: string, command: string): Promise<void> {
  const { exitCode, stderr } = await runInSandbox(sandglass, { sandbox, command });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}

const noise = (path: string, mebibytes: number) =>
  `dd if=/dev/urandom of=${path} bs=1M count=${mebibytes} 2>/dev/null`;

async function buildImage(dockerfile: string, tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-context-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
  await exec('docker', ['build', '-q', '-t', tag, folder], {
    env: { ...process.env, DOCKER_HOST: daemon.host, DOCKER_BUILDKIT: '0' },
  });
}

/** What the daemon's folders say that the parts are. */
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

/** Two snapshots of images that have layers in common, among them empty ones, and no image of just those. */
async function twoOfAFamily(): Promise<[Snapshot, Snapshot]> {
  const common = [
    `FROM ${TEST_IMAGE}`,
    'ENV ONE=1',
    `RUN ${noise('/opt/common', 4)}`,
    'RUN mkdir /opt/empty',
    'LABEL two=2',
    'RUN rm /etc/group',
  ];
  await buildImage(
    [...common, `RUN ${noise('/opt/left', 3)}`, 'RUN mkdir /l'].join('\n'),
    'left:1',
  );
  await buildImage(
    [...common, 'RUN mkdir /r', `RUN ${noise('/opt/right', 5)}`].join('\n'),
    'right:1',
  );
  const left = await buildSnapshot(operations, { name: 'left', image: 'left:1' });
  const right = await buildSnapshot(operations, { name: 'right', image: 'right:1' });
  for (const tag of ['left:1', 'right:1', TEST_IMAGE]) await docker.getImage(tag).remove();
  return [left, right];
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
    // The 10 MiB in /opt, and what running it leaves.
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
    await exec('docker', ['volume', 'create', 'theirs'], {
      env: { ...process.env, DOCKER_HOST: daemon.host },
    });
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

describe('the space that a deletion frees', () => {
  it('is that of the combination, not the sum of each', async () => {
    const [left, right] = await twoOfAFamily();
    const one = await freedBy(left);
    const other = await freedBy(right);
    expect([one, other]).toEqual([3 * MIB, 5 * MIB]);
    const both = await freedBy(left, right);
    expect(both).toBeGreaterThan(one + other + 4 * MIB);
    expect(await deleting(left)).toBe(one);
    // Now nothing is shared any more.
    const rest = await freedBy(right);
    expect(rest).toBe(both - one);
    expect(await deleting(right)).toBe(rest);
  });

  it('is the same before and after Docker has measured', async () => {
    const [left, right] = await twoOfAFamily();
    const before = [await freedBy(left), await freedBy(right), await freedBy(left, right)];
    await operations.disk.usage();
    expect([await freedBy(left), await freedBy(right), await freedBy(left, right)]).toEqual(before);
  });

  it('excludes what another object still uses', async () => {
    await commitFiller(docker, 'filler', 4);
    const filled = await buildSnapshot(operations, { name: 'filled', image: 'filler:1' });
    expect(await freedBy(filled)).toBe(0);
    await docker.getImage('filler:1').remove();
    expect(await freedBy(filled)).toBe(4 * MIB);

    // Another name of the same image.
    await docker.getImage(referenceOf(filled)).tag({ repo: 'kept', tag: '1' });
    expect(await freedBy(filled)).toBe(0);
    await docker.getImage('kept:1').remove();
    expect(await freedBy(filled)).toBe(4 * MIB);

    // Somebody's container of it.
    const container = await docker.createContainer({ Image: referenceOf(filled), Cmd: ['true'] });
    expect(await freedBy(filled)).toBe(0);
    await container.remove();
    expect(await freedBy(filled)).toBe(4 * MIB);

    // One that its files are read through goes with it.
    const reader = await docker.createContainer({
      Image: referenceOf(filled),
      // Another home's: its own the engine takes for a left-over, and removes.
      Labels: { 'dev.sandglass.kind': 'reader', 'dev.sandglass.home': 'somebody' },
    });
    expect(await freedBy(filled)).toBe(4 * MIB);
    await reader.remove();
    expect(await deleting(filled)).toBe(4 * MIB);
  });

  it('is zero while a sandbox uses the snapshot', async () => {
    await commitFiller(docker, 'filler', 4);
    const filled = await buildSnapshot(operations, { name: 'filled', image: 'filler:1' });
    await docker.getImage('filler:1').remove();
    await bootSandbox(operations, { name: 'box', snapshotName: 'filled' });
    expect(await freedBy(filled)).toBe(0);
    await operations.sandboxes.delete({ sandbox: 'box' });
    expect(await freedBy(filled)).toBe(4 * MIB);
  });

  it('is what a capture added, and with its parent everything', async () => {
    await commitFiller(docker, 'filler', 4);
    const parent = await buildSnapshot(operations, { name: 'parent', image: 'filler:1' });
    await docker.getImage('filler:1').remove();
    await bootSandbox(operations, { name: 'maker', snapshotName: 'parent' });
    await run('maker', noise('/opt/a', 3));
    const capture = await captureSandbox(operations, { sandbox: 'maker', name: 'capture' });
    await operations.sandboxes.delete({ sandbox: 'maker' });
    expect(await freedBy(parent)).toBe(0);
    const own = await freedBy(capture);
    expect(own).toBeGreaterThanOrEqual(3 * MIB);
    expect(await freedBy(parent, capture)).toBe(4 * MIB + own);
    expect(await deleting(parent)).toBe(0);
    expect(await freedBy(capture)).toBe(4 * MIB + own);
    expect(await deleting(capture)).toBe(4 * MIB + own);
  });
});

/** All of it: layers, what containers have written, volumes. */
async function totalBytes(): Promise<number> {
  const df = await diskUsage(docker);
  const containers = df.Containers as Array<{ SizeRw?: number }>;
  const volumes = (df.Volumes ?? []) as Array<{ UsageData: { Size: number } }>;
  return [
    ...containers.map(({ SizeRw }) => SizeRw ?? 0),
    ...volumes.map(({ UsageData }) => UsageData.Size),
  ].reduce((total, bytes) => total + bytes, df.LayersSize as number);
}

describe('reclaiming', () => {
  /** Its names, by kind. */
  async function offered() {
    const all = await operations.disk.reclaimable();
    return all.map(({ kind, name, suggested }) => [kind, name, suggested].join(' ')).sort();
  }

  it('offers unused objects, and suggests snapshots with a newer version', async () => {
    const old = await buildSnapshot(operations, { name: 'python' });
    await buildSnapshot(operations, { name: 'python', tag: 'v1' });
    const loved = await buildSnapshot(operations, { name: 'python' });
    await operations.snapshots.update({ id: loved.id, favourite: true });
    await buildSnapshot(operations, { name: 'python' });
    await buildSnapshot(operations, { name: 'running' });
    await bootSandbox(operations, { name: 'on', snapshotName: 'running' });
    await buildSnapshot(operations, { name: 'resting' });
    const off = await bootSandbox(operations, { name: 'off', snapshotName: 'resting' });
    await operations.sandboxes.stop({ sandbox: 'off' });
    expect(await offered()).toEqual([
      'stopped-sandbox off false',
      'unused-snapshot python false',
      'unused-snapshot python false',
      'unused-snapshot python true',
      'unused-snapshot python:v1 false',
      'unused-snapshot resting false',
    ]);
    const all = await operations.disk.reclaimable();
    expect(all.find(({ suggested }) => suggested)?.id).toBe(old.id);
    expect(all.find(({ name }) => name === 'resting')?.usedBy).toEqual([off.id]);
  });

  it('frees as much as the preview of the combination, and reports it', async () => {
    const [left, right] = await twoOfAFamily();
    const stopped = await bootSandbox(operations, { name: 'box', snapshotName: 'left' });
    await run('box', `${noise('/opt/a', 6)}; ${noise('/tmp/b', 2)}`);
    await operations.sandboxes.stop({ sandbox: 'box' });
    await operations.disk.usage();
    const choice = { snapshotIds: [left.id, right.id], sandboxIds: [stopped.id] };
    // The layers that both have come free with both only.
    const { bytes: one } = await operations.disk.reclaimPreview({ ...choice, snapshotIds: [] });
    expect(one).toBeGreaterThanOrEqual(8 * MIB);
    const alone = await operations.disk.reclaimPreview({ snapshotIds: [left.id] });
    expect(alone.bytes).toBe(0);
    const { bytes } = await operations.disk.reclaimPreview(choice);
    expect(bytes).toBeGreaterThan(one + (4 + 3 + 5) * MIB);

    const before = await totalBytes();
    const { task } = await operations.disk.reclaim(choice);
    const ended = await endOf(operations, task.id);
    expect(ended.state).toBe('succeeded');
    expect(before - (await totalBytes())).toBe(bytes);
    expect(ended.outcome).toBe(`Freed ${formatBytes(bytes)}`);
    expect(await operations.disk.reclaimable()).toEqual([]);
    // What was told is in the history too.
    expect((await operations.tasks.get({ id: task.id })).outcome).toBe(ended.outcome);
  });

  it('skips objects in use and those of others, and reports them', async () => {
    const used = await buildSnapshot(operations, { name: 'used' });
    await bootSandbox(operations, { name: 'on', snapshotName: 'used' });
    const unused = await buildSnapshot(operations, { name: 'unused' });
    await commitFiller(docker, 'somebody/else', 1);
    const foreign = (await docker.getImage('somebody/else:1').inspect()).Id;
    const volume = await docker.createVolume({ Name: 'theirs' });
    const { task } = await operations.disk.reclaim({
      snapshotIds: [used.id, unused.id],
      leftOverIds: [foreign, 'theirs'],
    });
    const ended = await endOf(operations, task.id);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'conflict' } });
    expect(ended.error?.message).toContain('3 came into use');
    expect((await operations.snapshots.get({ id: used.id })).status).toBe('ready');
    expect((await docker.getImage('somebody/else:1').inspect()).Id).toBe(foreign);
    await volume.remove();
    expect((await operations.snapshots.list({})).total).toBe(1);
  });

  it('finds an untagged image that was committed by Sandglass, and not one built on it by others', async () => {
    const base = await buildSnapshot(operations, { name: 'base' });
    await bootSandbox(operations, { name: 'maker', snapshotName: 'base' });
    await run('maker', noise('/opt/a', 3));
    const lost = await captureSandbox(operations, { sandbox: 'maker', name: 'lost' });
    // Somebody's own build on a snapshot has its labels too.
    await buildImage(`FROM ${referenceOf(base)}\nRUN ${noise('/opt/mine', 2)}`, 'mine:1');
    // Another image takes the names.
    const { Id } = await docker.getImage(referenceOf(lost)).inspect();
    await docker.getImage(TEST_IMAGE).tag({ repo: 'sandglass/lost', tag: lost.id });
    await docker.getImage(TEST_IMAGE).tag({ repo: 'mine', tag: '1' });
    const leftOvers = (await operations.disk.reclaimable()).filter((r) => r.kind === 'left-over');
    expect(leftOvers).toMatchObject([{ id: Id, name: 'lost', suggested: true }]);
    const freed = await freedByLeftOver(Id);
    expect(freed).toBeGreaterThanOrEqual(3 * MIB);
    const dangling = await docker.listImages({ filters: { dangling: ['true'] } });
    expect(dangling.map((image) => image.Id)).toHaveLength(1);
  });

  async function freedByLeftOver(id: string): Promise<number> {
    const before = await layersSize();
    const { task } = await operations.disk.reclaim({ leftOverIds: [id] });
    expect((await endOf(operations, task.id)).error).toBeNull();
    return before - (await layersSize());
  }

  it('ends between two deletions when cancelled', async () => {
    const snapshotIds: string[] = [];
    for (let number = 0; number < 12; number++) {
      snapshotIds.push((await buildSnapshot(operations, { name: `s${number}` })).id);
    }
    const { task } = await operations.disk.reclaim({ snapshotIds });
    await asSoonAs(async () => (await operations.snapshots.list({})).total < 12);
    const ended = await operations.tasks.cancel({ id: task.id });
    expect(ended.state).toBe('cancelled');
    expect(ended.outcome).toMatch(/^Freed /);
    const { snapshots, total } = await operations.snapshots.list({});
    expect(total).toBeGreaterThan(0);
    expect(snapshots.every(({ status }) => status === 'ready')).toBe(true);
    const images = await docker.listImages();
    expect(images.filter(({ RepoTags }) => RepoTags?.[0]?.startsWith('sandglass/s'))).toHaveLength(
      total,
    );
  });

  it('is refused without a selection', async () => {
    expect(await refusal(operations.disk.reclaim({}))).toMatchObject({ code: 'invalid_input' });
  });
});
