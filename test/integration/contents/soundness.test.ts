import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Change } from '#shared/contract/events';
import { lookAtIndex } from '../../support/contentsFile';
import { startDockerd } from '../../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerHost,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { startHeadless } from '../../support/headless';
import { commitFiller, importBusybox } from '../../support/images';
import { allRead, follow, found, isBeingRead, readersOf, readings } from '../../support/indexing';
import { KNOWN_AFTER, KNOWN_BEFORE, knownImages } from '../../support/knownImages';
import { runInSandbox } from '../../support/runInSandbox';

/** Takes a while to index. */
const BIG = 'sandglass-test/big-to-read';
const BIG_IMAGE = `${BIG}:1`;
const BIG_MB = 250;

beforeAll(async () => {
  await knownImages(dockerHost());
  await commitFiller(dockerItself(), BIG, BIG_MB);
});

afterAll(() => dockerItself().getImage(BIG_IMAGE).remove());

test('a deleted snapshot leaves no row behind, and shared rows are kept', async () => {
  const home = await freshHome();
  const { operations } = await openTestEngine({ home, lookInside: true });
  const before = await buildSnapshot(operations, { name: 'before', image: KNOWN_BEFORE });
  await allRead(operations, 1);
  const facts = lookAtIndex(home);
  expect(facts.faults).toEqual([]);
  expect(facts.rows.snapshots).toBe(1);

  const after = await buildSnapshot(operations, { name: 'after', image: KNOWN_AFTER });
  await allRead(operations, 2);
  expect(lookAtIndex(home).faults).toEqual([]);
  await operations.contents.picture({ snapshotId: after.id });
  expect(await found(operations, 'bin/dpkg')).toEqual([before.id, after.id].sort());

  await operations.snapshots.delete({ id: after.id });
  await eventually(async () => isDeepStrictEqual(lookAtIndex(home), facts));
  expect(await found(operations, 'bin/dpkg')).toEqual([before.id]);

  await operations.snapshots.delete({ id: before.id });
  await eventually(async () => {
    const { rows, faults } = lookAtIndex(home);
    return faults.length === 0 && Object.values(rows).every((count) => count === 0);
  });
  expect(await found(operations, 'bin/dpkg')).toEqual([]);
});

test('a lost catalog keeps the index; a lost or damaged index is rebuilt', async () => {
  const home = await freshHome();
  const open = () => openTestEngine({ home, lookInside: true });
  let sandglass = await open();
  const { id } = await buildSnapshot(sandglass.operations);
  await allRead(sandglass.operations, 1);
  const { rows } = lookAtIndex(home);
  await sandglass.close();

  for (const part of ['', '-wal', '-shm'])
    rmSync(join(home, `catalog.sqlite${part}`), { force: true });
  sandglass = await open();
  const changes = follow(sandglass);
  await allRead(sandglass.operations, 1);
  expect(await found(sandglass.operations, 'bin/busybox')).toEqual([id]);
  expect(changes.filter((change) => change.type === 'contents' && change.status.reading)).toEqual(
    [],
  );
  await sandglass.close();

  const file = join(home, 'contents.sqlite');
  const harms: Array<() => void> = [
    () => rmSync(file),
    () => writeFileSync(file, 'This was never a database.'.repeat(1000)),
    () => truncateSync(file, Math.floor(statSync(file).size / 2)),
    () => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0x5a, 4096 * 2));
    },
  ];
  for (const harm of harms) {
    harm();
    sandglass = await open();
    const { operations } = sandglass;
    // A query detects the damage, if indexing has not.
    await eventually(async () => {
      const hits = await found(operations, 'bin/busybox').catch((): string[] => []);
      return hits.includes(id);
    });
    await allRead(operations, 1);
    const facts = lookAtIndex(home);
    expect(facts.faults).toEqual([]);
    expect(facts.rows).toEqual(rows);
    await sandglass.close();
  }
  sandglass = await open();
  await removeEverything(sandglass);
});

test('a snapshot can be deleted while it is indexed, and the app closed', async () => {
  const home = await freshHome();
  const before = await contentsOf(dockerItself());
  const first = await openTestEngine({ home, lookInside: true });
  const big = await buildSnapshot(first.operations, { name: 'big', image: BIG_IMAGE });
  await isBeingRead(first.operations, big.id);
  await first.operations.snapshots.delete({ id: big.id });
  expect(await first.operations.contents.status()).toMatchObject({ ready: 0, failed: [] });
  expect(await contentsOf(dockerItself())).toEqual(before);

  const again = await buildSnapshot(first.operations, { name: 'big', image: BIG_IMAGE });
  await isBeingRead(first.operations, again.id);
  await first.close();
  expect(await readersOf(home)).toEqual([]);
  expect(Object.values(lookAtIndex(home).rows)).toEqual([0, 0, 0, 0, 0, 0]);

  const second = await openTestEngine({ home, lookInside: true });
  await allRead(second.operations, 1);
  expect(lookAtIndex(home)).toMatchObject({ rows: { snapshots: 1 }, faults: [] });
  await removeEverything(second);
  expect(await contentsOf(dockerItself())).toEqual(before);
});

test('indexing stops at once when disabled, and continues when enabled', async () => {
  const { operations } = await openTestEngine({ lookInside: true });
  const big = await buildSnapshot(operations, { name: 'big', image: BIG_IMAGE });
  await isBeingRead(operations, big.id);
  await operations.settings.update({ lookInside: false });
  await eventually(async () => (await operations.contents.status()).reading === null);
  expect(await operations.contents.status()).toMatchObject({
    enabled: false,
    ready: 0,
    waiting: 1,
    failed: [],
  });
  await operations.settings.update({ lookInside: true });
  await allRead(operations, 1);
  await operations.snapshots.delete({ id: big.id });
});

test('indexing pauses during a capture', async () => {
  const sandglass = await openTestEngine();
  const { operations } = sandglass;
  const base = await buildSnapshot(operations);
  const sandbox = await bootSandbox(operations, { name: 'worker', snapshotId: base.id });
  await runInSandbox(sandglass, {
    sandbox: sandbox.id,
    command: 'dd if=/dev/urandom of=/opt/change bs=1M count=300',
  });
  const big = await buildSnapshot(operations, { name: 'big', image: BIG_IMAGE });
  await operations.settings.update({ lookInside: true });
  await isBeingRead(operations, big.id);
  const changes = follow(sandglass);
  const capture = await captureSandbox(operations, { sandbox: sandbox.id, name: 'captured' });
  await allRead(operations, 3);

  const isCapture = (change: Change) =>
    change.type === 'task' && change.task.kind === 'snapshot.capture';
  const from = changes.findIndex(isCapture);
  const to = changes.findLastIndex(isCapture);
  const during = readings(changes.slice(from, to + 1));
  // Progress at its beginning is reported, and then unchanged.
  expect(new Set(during.map(({ bytesDone }) => bytesDone)).size).toBeLessThanOrEqual(2);
  expect(new Set(during.map(({ snapshotId }) => snapshotId)).size).toBeLessThanOrEqual(1);
  const after = readings(changes.slice(to + 1));
  expect(after.at(-1)?.snapshotId).toBe(capture.id);
  await removeEverything(sandglass);
});

test('a killed daemon is not a failure: indexing continues at the next connection', async () => {
  const daemon = await startDockerd();
  onTestFinished(() => daemon.stop());
  await importBusybox(daemon.host);
  await commitFiller(dockerItself(daemon.host), BIG, BIG_MB);
  const home = await freshHome();
  const { operations } = await openTestEngine({ home, host: daemon.host, lookInside: true });
  const { id } = await buildSnapshot(operations, { name: 'big', image: BIG_IMAGE });
  await isBeingRead(operations, id);
  await daemon.kill();
  await eventually(async () => (await operations.contents.status()).reading === null);
  expect(await operations.contents.status()).toMatchObject({ ready: 0, waiting: 1, failed: [] });
  await daemon.restart();
  await allRead(operations, 1);
  await operations.snapshots.delete({ id });
  expect(await readersOf(home, daemon.host)).toEqual([]);
});

test('the reader container of a killed app is removed at the next start', async () => {
  const home = await freshHome();
  const setUp = await openTestEngine({ home });
  const big = await buildSnapshot(setUp.operations, { name: 'big', image: BIG_IMAGE });
  await setUp.operations.settings.update({ lookInside: true });
  await setUp.close();

  const headless = await startHeadless({
    SANDGLASS_HOME: home,
    SANDGLASS_API_PORT: '0',
    DOCKER_HOST: dockerHost(),
  });
  await eventually(async () => (await readersOf(home)).length > 0);
  headless.process.kill('SIGKILL');
  const sandglass = await openTestEngine({ home });
  await eventually(async () => (await readersOf(home)).length === 0);
  await sandglass.operations.snapshots.delete({ id: big.id });
});

test('a failure is reported, and retried on request and at the next connection', async () => {
  const daemon = await startDockerd();
  onTestFinished(() => daemon.stop());
  await importBusybox(daemon.host);
  const home = await freshHome();
  const { operations } = await openTestEngine({ home, host: daemon.host });
  const { id } = await buildSnapshot(operations);
  const other = await buildSnapshot(operations);
  const docker = dockerItself(daemon.host);
  // Both are of one image, so both have this layer.
  const [image] = await docker.listImages({ filters: { label: [`dev.sandglass.id=${id}`] } });
  const { GraphDriver } = await docker.getImage(image?.Id ?? '').inspect();
  const { UpperDir: layer = '' } = GraphDriver.Data as { UpperDir?: string };
  renameSync(layer, `${layer}-away`);
  await operations.settings.update({ lookInside: true });
  const failed = async () => (await operations.contents.status()).failed;
  await eventually(async () => (await failed()).length === 2);
  expect(await failed()).toContainEqual({
    snapshotId: id,
    message: expect.stringMatching(/\w+ \w+/),
  });
  expect((await operations.contents.picture({ snapshotId: id })).state).toBe('failed');

  expect((await operations.contents.readAgain({ snapshotId: id })).failed).toHaveLength(1);
  await eventually(async () => (await failed()).length === 2);
  renameSync(`${layer}-away`, layer);
  await operations.contents.readAgain({ snapshotId: id });
  await eventually(async () => (await operations.contents.status()).ready === 1);
  expect(await failed()).toMatchObject([{ snapshotId: other.id }]);

  await daemon.restart();
  await allRead(operations, 2);
  expect(await failed()).toEqual([]);
});

test('captures share all unchanged folders', async () => {
  const home = await freshHome();
  const sandglass = await openTestEngine({ home, lookInside: true });
  const { operations } = sandglass;
  const base = await buildSnapshot(operations, { image: KNOWN_BEFORE });
  await allRead(operations, 1);
  const { rows } = lookAtIndex(home);
  const sandbox = await bootSandbox(operations, { name: 'worker', snapshotId: base.id });
  const count = 8;
  for (let number = 1; number <= count; number += 1) {
    const command = `echo ${number} > /srv/known/number-${number}`;
    await runInSandbox(sandglass, { sandbox: sandbox.id, command });
    await captureSandbox(operations, { sandbox: sandbox.id, name: `capture-${number}` });
  }
  await allRead(operations, count + 1);
  const grown = lookAtIndex(home);
  expect(grown.faults).toEqual([]);
  // Three per capture: the root, /srv and /srv/known.
  expect((grown.rows.trees ?? 0) - (rows.trees ?? 0)).toBe(3 * count);
  const { hits, total } = await operations.contents.search({ query: 'known/number-3' });
  expect(total).toBe(count - 2);
  expect(hits[0]?.paths).toEqual(['/srv/known/number-3']);
  await removeEverything(sandglass);
});
