import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilePreview } from '#shared/contract/contents';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../../electron/engine/engine';
import { homeIdentity } from '../../../electron/engine/host/homeIdentity';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  dockerHost,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  TEST_IMAGE,
} from '../../support/engine';
import { expectedListing, filesystemOf } from '../../support/expected';
import type { FoundEntry } from '../../support/imageFacts/filesystem';
import { expectedFile, factsOf, freshFolder, known, sha256 } from '../../support/knownFiles';
import { KNOWN_AFTER, KNOWN_BEFORE, KNOWN_FOLDER, knownImages } from '../../support/knownImages';
import { runInSandbox } from '../../support/runInSandbox';

const exec = promisify(execFile);

let sandglass: Engine;
let before: Snapshot;
let after: Snapshot;

beforeAll(async () => {
  await knownImages(dockerHost());
  sandglass = await openTestEngine({ lookInside: true, keepOpen: true });
  const { operations } = sandglass;
  before = await buildSnapshot(operations, { name: 'before', image: KNOWN_BEFORE });
  after = await buildSnapshot(operations, { name: 'after', image: KNOWN_AFTER });
  await allRead();
}, 600_000);

afterAll(async () => {
  await sandglass.operations.snapshots.delete({ id: before.id });
  await sandglass.operations.snapshots.delete({ id: after.id });
  // No reader container is left.
  const label = [`dev.sandglass.home=${homeIdentity(sandglass.home)}`];
  const left = await dockerItself().listContainers({ all: true, filters: { label } });
  expect(left).toEqual([]);
  await sandglass.close();
});

/** Waits until all snapshots are indexed. */
async function allRead(): Promise<void> {
  await eventually(async () => {
    const { waiting, reading, ready } = await sandglass.operations.contents.status();
    return ready > 0 && waiting === 0 && reading === null;
  });
}

const preview = (path: string): Promise<FilePreview> =>
  sandglass.operations.contents.preview({ snapshotId: after.id, path });

async function save(path: string, to: string): Promise<string> {
  const { operations } = sandglass;
  const { task } = await operations.contents.save({ snapshotId: after.id, path, to });
  const ended = await operations.tasks.wait({ id: task.id });
  expect(ended).toMatchObject({ kind: 'contents.save', state: 'succeeded', error: null });
  return (ended.outcome ?? '').replace('Saved as ', '');
}

describe('a listing', () => {
  it.each(['/', '/usr', '/srv', KNOWN_FOLDER, known('names')])('of %s', async (path) => {
    const { entries, total } = await sandglass.operations.contents.list({
      snapshotId: after.id,
      path,
      limit: 5000,
    });
    // Docker adds files to these when it creates a container.
    const isDockers = ({ name }: { name: string }) =>
      path === '/' && (name === 'etc' || name === 'dev');
    const expected = await expectedListing(dockerHost(), KNOWN_AFTER, path);
    expect(entries.filter((entry) => !isDockers(entry))).toEqual(
      expected.filter((entry) => !isDockers(entry)),
    );
    expect(total).toBe(expected.length);
  });

  it('is paged in the same order', async () => {
    const { operations } = sandglass;
    const input = { snapshotId: after.id, path: '/usr/bin' };
    const whole = await operations.contents.list({ ...input, limit: 5000 });
    const pages = [];
    for (let offset = 0; offset < whole.total; offset += 100) {
      pages.push(...(await operations.contents.list({ ...input, limit: 100, offset })).entries);
    }
    expect(whole.total).toBeGreaterThan(100);
    expect(pages).toEqual(whole.entries);
  });

  it('marks what a capture added', async () => {
    const { operations } = sandglass;
    const base = await buildSnapshot(operations);
    const box = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
    await runInSandbox(sandglass, {
      sandbox: box.id,
      command:
        'echo new > /etc/new; chmod 600 /etc/group; mkdir /opt/new; touch -d 2001-02-03 /etc/passwd',
    });
    const capture = await captureSandbox(operations, { sandbox: box.id, name: 'captured' });
    await operations.sandboxes.delete({ sandbox: box.id });
    await allRead();
    const image = `sandglass/captured:${capture.id}`;
    const { entries } = await operations.contents.list({ snapshotId: capture.id, path: '/etc' });
    expect(entries).toEqual(await expectedListing(dockerHost(), image, '/etc', TEST_IMAGE));
    expect(new Set(entries.map(({ own }) => own))).toEqual(new Set([true, false]));
    await operations.snapshots.delete({ id: capture.id });
    await operations.snapshots.delete({ id: base.id });
  });
});

describe('a path', () => {
  const locate = (path: string) =>
    sandglass.operations.contents.locate({ snapshotId: after.id, path });

  it('is resolved through links', async () => {
    expect(await locate('/bin/sh')).toMatchObject({ path: '/usr/bin/sh' });
    expect(await locate('/bin')).toMatchObject({
      path: '/bin',
      entry: { kind: 'symlink', linkTarget: 'usr/bin' },
      leadsTo: { path: '/usr/bin', kind: 'directory' },
    });
    expect(await locate(known('retargeted'))).toMatchObject({
      leadsTo: { path: known('kept.png'), kind: 'file' },
    });
    expect(await locate('/bin/../../etc/./passwd')).toMatchObject({ path: '/etc/passwd' });
    expect(await locate('/')).toMatchObject({ path: '/', entry: { kind: 'directory' } });
  });

  it('of a dangling link is reported, and a missing one is refused', async () => {
    expect((await locate(known('added-dangling'))).leadsTo).toBeNull();
    for (const path of ['/nowhere', '/etc/passwd/below', known('added-dangling/below')]) {
      expect(await refusal(locate(path))).toMatchObject({ code: 'file_not_found', field: 'path' });
    }
  });
});

describe('a preview', () => {
  it.each([
    'changed.txt',
    'empty.txt',
    'names/größe-大小.txt',
    'names/new\nline.txt',
    'names/with spaces.txt',
    'names/per%20cent.txt',
    'names/-dash.txt',
    'added-hard-link.txt',
  ])('of the text %s is all of it', async (name) => {
    const shown = await preview(known(name));
    if (shown.type !== 'text') throw new Error(`It is ${shown.type}.`);
    expect(shown.isWhole).toBe(true);
    expect(sha256(shown.text)).toBe((await expectedFile(known(name))).sha256);
  });

  it('of a long text is its beginning', async () => {
    const { stdout } = await exec('sh', ['-c', 'seq 100001 | head -c 524288'], {
      maxBuffer: 2 ** 20,
    });
    expect(await preview(known('large.txt'))).toEqual({
      type: 'text',
      text: stdout,
      isWhole: false,
    });
  });

  it('of an image is its bytes, and of a link that of its target', async () => {
    for (const name of ['picture.png', 'retargeted']) {
      const shown = await preview(known(name));
      if (shown.type !== 'image') throw new Error(`It is ${shown.type}.`);
      expect(shown.mimeType).toBe('image/png');
      const file = known(name === 'retargeted' ? 'kept.png' : name);
      expect(sha256(shown.bytes)).toBe((await expectedFile(file)).sha256);
    }
  });

  it('of a program reports that it is not text', async () => {
    expect(await preview('/bin/sh')).toEqual({ type: 'binary' });
  });

  it('is refused for a path that is not a file', async () => {
    expect(await refusal(preview(KNOWN_FOLDER))).toMatchObject({ code: 'not_a_file' });
    expect(await refusal(preview(known('added-pipe')))).toMatchObject({ code: 'not_a_file' });
    expect(await refusal(preview('/nowhere'))).toMatchObject({ code: 'file_not_found' });
    expect(await refusal(preview(known('added-dangling')))).toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining(known('nowhere')),
    });
  });

  it('of a path that leaves the snapshot stays inside', async () => {
    const shown = await preview('/../../etc/os-release');
    expect(shown).toMatchObject({ type: 'text', text: expect.stringContaining('Debian') });
  });
});

describe('a saved copy', () => {
  it('of a file keeps its contents, mode and time', async () => {
    const folder = await freshFolder();
    for (const name of ['mode.sh', 'picture.png', 'names/new\nline.txt', 'setuid.sh']) {
      const path = await save(known(name), folder);
      const expected = await expectedFile(known(name));
      const found = await stat(path);
      expect(path).toBe(join(folder, name.replace('names/', '')));
      expect(sha256(await readFile(path))).toBe(expected.sha256);
      expect(found.mode & 0o7777).toBe(expected.mode & 0o777);
      expect(Math.floor(found.mtimeMs / 1000) * 1000).toBe(expected.modifiedAt);
      expect(found.uid).toBe(process.getuid?.());
    }
  });

  it('of a folder has all of its contents but pipes', async () => {
    const path = await save(KNOWN_FOLDER, await freshFolder());
    const found = await factsOf(path);
    const expected = (await filesystemOf(dockerHost(), KNOWN_AFTER))
      .filter((entry) => entry.path.startsWith(`${KNOWN_FOLDER}/`) && entry.kind !== 'other')
      .map((entry) => ({ ...entry, path: entry.path.slice(KNOWN_FOLDER.length) }));
    const facts = ({ path: at, kind, bytes, mode, sha256: hash, linkTarget }: FoundEntry) => ({
      path: at,
      kind,
      bytes,
      mode: kind === 'symlink' ? null : (mode & 0o777) | (kind === 'directory' ? 0o700 : 0),
      sha256: hash,
      linkTarget,
    });
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(found.map(facts).sort(byPath)).toEqual(expected.map(facts).sort(byPath));
    const inode = (name: string) => found.find((entry) => entry.path === name)?.inode;
    expect(inode('/added-hard-link.txt')).toBe(inode('/original.txt'));
  });

  it('of a link is its target, under the name of the link', async () => {
    const folder = await freshFolder();
    const path = await save(known('retargeted'), folder);
    expect(path).toBe(join(folder, 'retargeted'));
    expect(sha256(await readFile(path))).toBe((await expectedFile(known('kept.png'))).sha256);
  });

  it('never replaces anything', async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, 'kept.txt'), 'mine');
    await mkdir(join(folder, 'names'));
    await symlink('nowhere', join(folder, 'names (2)'));
    expect(await save(known('kept.txt'), folder)).toBe(join(folder, 'kept (2).txt'));
    expect(await save(known('kept.txt'), folder)).toBe(join(folder, 'kept (3).txt'));
    expect(await save(known('names'), folder)).toBe(join(folder, 'names (3)'));
    expect(await readFile(join(folder, 'kept.txt'), 'utf8')).toBe('mine');
    expect(await readdir(join(folder, 'names'))).toEqual([]);
  });

  it('of a filesystem is named after the snapshot, and leaves nothing behind when cancelled', async () => {
    const { operations } = sandglass;
    const folder = await freshFolder();
    const changes = await operations.events.subscribe();
    const { task } = await operations.contents.save({
      snapshotId: after.id,
      path: '/',
      to: folder,
    });
    expect(task.subject).toBe('after');
    for await (const change of changes) {
      if (change.type === 'task' && (change.task.progress.bytesDone ?? 0) > 0) break;
    }
    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    const { state, progress } = await operations.tasks.cancel({ id: task.id });
    expect(state).toBe('cancelled');
    const all = await expectedListing(dockerHost(), KNOWN_AFTER, '/');
    expect(progress.bytesTotal).toBe(all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused without a source or a target folder', async () => {
    const { operations } = sandglass;
    const folder = await freshFolder();
    const saving = (path: string, to = folder) =>
      refusal(operations.contents.save({ snapshotId: after.id, path, to }));
    expect(await saving('/nowhere')).toMatchObject({ code: 'file_not_found', field: 'path' });
    expect(await saving(known('added-pipe'))).toMatchObject({ code: 'not_a_file' });
    expect(await saving('/etc', join(folder, 'missing'))).toMatchObject({
      code: 'invalid_input',
      field: 'to',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
