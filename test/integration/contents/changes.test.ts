import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Difference } from '#shared/contract/contents';
import type { Operations } from '#shared/contract/index';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  dockerHost,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../../support/engine';
import {
  expectedBytes,
  expectedDifferences,
  expectedPackageDifferences,
} from '../../support/expected';
import { TEST_IMAGE } from '../../support/images';
import { knownApkImages } from '../../support/knownApk';
import { KNOWN_AFTER, KNOWN_BEFORE, KNOWN_FOLDER, knownImages } from '../../support/knownImages';
import { runInSandbox } from '../../support/runInSandbox';

const exec = promisify(execFile);

/** Milliseconds; both images are unpacked, and each of many files is read. */
const LONG = 600_000;

beforeAll(async () => {
  await knownImages(dockerHost());
}, LONG);

/** Waits until all snapshots are indexed. */
async function allRead({ operations }: Engine, count: number): Promise<void> {
  await eventually(async () => {
    const { ready, failed } = await operations.contents.status();
    if (failed.length > 0) throw new Error(JSON.stringify(failed));
    return ready === count;
  });
}

async function knownSnapshots() {
  const sandglass = await openTestEngine({ lookInside: true });
  const { operations } = sandglass;
  const before = await buildSnapshot(operations, { name: 'before', image: KNOWN_BEFORE });
  const after = await buildSnapshot(operations, { name: 'after', image: KNOWN_AFTER });
  await allRead(sandglass, 2);
  return { sandglass, operations, before, after };
}

/** Returns the whole list, in small pages. */
async function allDifferences(operations: Operations, from: Snapshot, to: Snapshot) {
  const found: Difference[] = [];
  for (let offset = 0; ; ) {
    const ids = { fromId: from.id, toId: to.id };
    const page = await operations.contents.compare({ ...ids, limit: 37, offset });
    found.push(...page.differences);
    offset += page.differences.length;
    if (page.differences.length === 0) return { ...page, differences: found };
  }
}

test(
  'files and packages of the known images, in both directions; texts as diff -u has them',
  async () => {
    const { sandglass, operations, before, after } = await knownSnapshots();
    const host = dockerHost();

    for (const [from, to, fromImage, toImage] of [
      [before, after, KNOWN_BEFORE, KNOWN_AFTER],
      [after, before, KNOWN_AFTER, KNOWN_BEFORE],
    ] as const) {
      const expected = await expectedDifferences(host, fromImage, toImage);
      const found = await allDifferences(operations, from, to);
      expect(found.differences).toEqual(expected);
      expect(found.total).toBe(expected.length);
      const count = (kind: string) =>
        expected.filter(({ difference }) => difference === kind).length;
      expect(found.counts).toEqual({
        added: count('added'),
        changed: count('changed'),
        removed: count('removed'),
      });
      expect(found).toMatchObject(await expectedBytes(host, fromImage, toImage));

      const ids = { fromId: from.id, toId: to.id };
      const { differences } = await operations.contents.comparePackages(ids);
      expect(differences).toEqual(await expectedPackageDifferences(host, fromImage, toImage));
    }
    // Compared with a snapshot without packages, each of a snapshot's packages is an added one.
    const bare = await buildSnapshot(operations, { name: 'bare', image: TEST_IMAGE });
    await allRead(sandglass, 3);
    const all = await operations.contents.comparePackages({ fromId: bare.id, toId: after.id });
    expect(all.differences).toEqual(
      await expectedPackageDifferences(host, TEST_IMAGE, KNOWN_AFTER),
    );
    expect(all.differences.length).toBeGreaterThan(0);

    const ids = { fromId: before.id, toId: after.id };
    const same = await operations.contents.compare({ fromId: after.id, toId: after.id });
    expect(same).toMatchObject({ total: 0, addedBytes: 0, removedBytes: 0 });
    const named = await operations.contents.compare({
      ...ids,
      difference: 'removed',
      pathContains: 'KNOWN/FOLDER-REM',
    });
    const removed = (await expectedDifferences(host, KNOWN_BEFORE, KNOWN_AFTER)).filter(
      ({ path, difference }) =>
        difference === 'removed' && path.startsWith('/srv/known/folder-removed'),
    );
    expect(named.differences).toEqual(removed);

    const texts = [
      'changed.txt',
      'added.txt',
      'removed.txt',
      'emptied.txt',
      'file-to-folder',
      'link-to-file',
      'names/größe-大小.txt',
      'names/new\nline.txt',
      'names/per%20cent.txt',
      'first.txt',
      'large.txt',
      'mode.sh',
    ];
    for (const name of texts) {
      const path = `${KNOWN_FOLDER}/${name}`;
      const found = await operations.contents.compareText({ ...ids, path });
      const said = await systemDiff(
        await fileOf(KNOWN_BEFORE, path),
        await fileOf(KNOWN_AFTER, path),
      );
      expect(found.type === 'text' ? found.hunks.flatMap(({ lines }) => lines) : found).toEqual(
        said.filter((line) => !line.startsWith('@@')),
      );
      expect(found.type === 'text' ? found.hunks.map(startsOf) : found).toEqual(
        said.filter((line) => line.startsWith('@@')).map((line) => line.replace(/,\d+/g, '')),
      );
    }
    const picture = { ...ids, path: `${KNOWN_FOLDER}/picture.png` };
    expect(await operations.contents.compareText(picture)).toEqual({ type: 'binary' });
    const none = operations.contents.compareText({ ...ids, path: '/srv/none' });
    expect(await refusal(none)).toMatchObject({ code: 'file_not_found', field: 'path' });
    const folder = operations.contents.compareText({ ...ids, path: `${KNOWN_FOLDER}/again` });
    expect(await refusal(folder)).toMatchObject({ code: 'not_a_file', field: 'path' });
  },
  LONG,
);

test('packages of apk', async () => {
  const images = await knownApkImages(dockerHost());
  const sandglass = await openTestEngine({ lookInside: true });
  const { operations } = sandglass;
  const before = await buildSnapshot(operations, { name: 'apk-before', image: images.before });
  const after = await buildSnapshot(operations, { name: 'apk-after', image: images.after });
  await allRead(sandglass, 2);
  const found = await operations.contents.comparePackages({ fromId: before.id, toId: after.id });
  expect(found.differences).toEqual(
    await expectedPackageDifferences(dockerHost(), images.before, images.after),
  );
});

test(
  'a hundred thousand files that were made in a sandbox, page by page and folder by folder',
  async () => {
    const sandglass = await openTestEngine({ lookInside: true });
    const { operations } = sandglass;
    const base = await buildSnapshot(operations);
    const sandbox = await bootSandbox(operations, { name: 'many', snapshotId: base.id });
    const made = await runInSandbox(sandglass, {
      sandbox: sandbox.id,
      command:
        'mkdir -p /data && cd /data && for d in $(seq 100); do mkdir $d && (cd $d && seq 1000 | xargs touch); done; echo x > 7/made; rm /etc/group',
    });
    expect(made.exitCode).toBe(0);
    const { stdout } = await exec(
      'docker',
      ['-H', dockerHost(), 'diff', await containerOf(sandbox.id)],
      { maxBuffer: 2 ** 26 },
    );
    // Docker also lists parent folders, which are unchanged themselves.
    const told = stdout.split('\n').filter((line) => /^[AD] \/(data|etc\/group)/.test(line));
    expect(told).toHaveLength(1 + 100 + 100_000 + 1 + 1);
    const capture = await captureSandbox(operations, { sandbox: sandbox.id, name: 'many' });
    await allRead(sandglass, 2);

    const ids = { fromId: base.id, toId: capture.id };
    const found: string[] = [];
    for (let offset = 0; offset < told.length; offset += 1000) {
      const { differences } = await operations.contents.compare({ ...ids, limit: 1000, offset });
      found.push(...differences.map(({ path, difference }) => `${difference} ${path}`));
    }
    const words: Record<string, string> = { A: 'added', D: 'removed' };
    expect(found.sort()).toEqual(
      told.map((line) => `${words[line[0] ?? '']} ${line.slice(2)}`).sort(),
    );

    const tree = await operations.contents.compareTree(ids);
    expect(tree.matching).toBe(told.length);
    expect(tree.rows.find(({ path }) => path === '/data')).toMatchObject({
      isOpen: false,
      below: { added: 100_101, changed: 0, removed: 0 },
    });
    const opened = await operations.contents.compareTree({ ...ids, toggled: ['/data', '/data/7'] });
    expect(opened.total).toBe(tree.total + 100 + 1001);
    await removeEverything(sandglass);
  },
  LONG,
);

async function containerOf(sandboxId: string): Promise<string> {
  const { stdout } = await exec('docker', [
    '-H',
    dockerHost(),
    'ps',
    '-q',
    '--filter',
    `label=dev.sandglass.id=${sandboxId}`,
  ]);
  return stdout.trim();
}

function startsOf({ oldStart, newStart }: { oldStart: number; newStart: number }): string {
  return `@@ -${oldStart} +${newStart} @@`;
}

/** Reads a file of an image with the docker command; empty if it does not exist. */
async function fileOf(image: string, path: string): Promise<Buffer> {
  const command = [
    'run',
    '--rm',
    '--entrypoint',
    'sh',
    image,
    '-c',
    '[ -L "$0" ] || cat "$0"',
    path,
  ];
  const { stdout } = await exec('docker', ['-H', dockerHost(), ...command], {
    encoding: 'buffer',
    maxBuffer: 2 ** 26,
  }).catch((thrown: { stdout: Buffer }) => thrown);
  return stdout;
}

/** Output of diff(1) for two texts, without their names. */
async function systemDiff(before: Buffer, after: Buffer): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-diff-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'a'), before);
  await writeFile(join(folder, 'b'), after);
  const { stdout } = await exec('diff', ['-u', 'a', 'b'], { cwd: folder }).catch(
    (thrown: { stdout: string }) => thrown,
  );
  return stdout.split('\n').slice(2, -1);
}
