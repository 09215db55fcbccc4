import { describe, expect, it } from 'vitest';
import { formatBytes } from '#shared/format';
import {
  buildImage,
  deleting,
  diskOfThisFile,
  docker,
  freedBy,
  layersSize,
  MIB,
  noise,
  operations,
  referenceOf,
  run,
  twoOfAFamily,
} from '../support/diskFixture';
import { diskUsage } from '../support/diskUsage';
import {
  asSoonAs,
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  endOf,
  refusal,
} from '../support/engine';
import { commitFiller, TEST_IMAGE } from '../support/images';

diskOfThisFile();

describe('the space that a deletion frees', () => {
  it('is that of the combination, not the sum of each', async () => {
    const [left, right] = await twoOfAFamily();
    const one = await freedBy(left);
    const other = await freedBy(right);
    expect([one, other]).toEqual([3 * MIB, 5 * MIB]);
    const both = await freedBy(left, right);
    expect(both).toBeGreaterThan(one + other + 4 * MIB);
    expect(await deleting(left)).toBe(one);
    // Nothing is shared any more.
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

    // A second tag of the same image.
    await docker.getImage(referenceOf(filled)).tag({ repo: 'kept', tag: '1' });
    expect(await freedBy(filled)).toBe(0);
    await docker.getImage('kept:1').remove();
    expect(await freedBy(filled)).toBe(4 * MIB);

    // A container of it that is not Sandglass's.
    const container = await docker.createContainer({ Image: referenceOf(filled), Cmd: ['true'] });
    expect(await freedBy(filled)).toBe(0);
    await container.remove();
    expect(await freedBy(filled)).toBe(4 * MIB);

    // A reader container is removed with it.
    const reader = await docker.createContainer({
      Image: referenceOf(filled),
      // Of another home: the engine removes its own as a left-over.
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

/** Bytes of layers, containers' files and volumes. */
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
  /** Its entries as text, sorted. */
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
    // Shared layers are freed only with both.
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
    // The outcome is in the history too.
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
    expect(ended.error?.message).toContain('Skipped 3');
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
    // A user's build on a snapshot inherits its labels.
    await buildImage(`FROM ${referenceOf(base)}\nRUN ${noise('/opt/mine', 2)}`, 'mine:1');
    // Another image takes over the tags.
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
