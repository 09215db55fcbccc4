import { randomBytes } from 'node:crypto';
import tar from 'tar-stream';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../electron/engine/engine';
import {
  asSoonAs,
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

import { docker, filesOf, imageOf, layersOf, occurrences } from '../support/savedImages';

let sandglass: Engine;
let operations: Engine['operations'];
let base: Snapshot;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));
afterAll(() => sandglass.close());

async function run(sandbox: string, command: string): Promise<string> {
  return (await runInSandbox(sandglass, { sandbox, command })).stdout;
}

async function containerOf(name: string): Promise<string> {
  const { id } = await operations.sandboxes.get({ sandbox: name });
  return (
    await docker('ps', '-aq', '--no-trunc', '--filter', `label=dev.sandglass.id=${id}`)
  ).trim();
}

/** Adds a file with a capability in the kernel's format; Docker keeps no other. */
async function putCapability(sandbox: string): Promise<void> {
  const pack = tar.pack();
  const capability = '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
  const pax = { 'SCHILY.xattr.security.capability': capability };
  pack.entry({ name: 'opt/ping', mode: 0o755, pax }, 'a program');
  pack.finalize();
  const container = dockerItself().getContainer(await containerOf(sandbox));
  await container.putArchive(pack as unknown as NodeJS.ReadableStream, { path: '/' });
}

/** Builds the parent, with files to change, remove and replace. */
async function parentWithFiles(): Promise<Snapshot> {
  base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'first', snapshotId: base.id });
  await run(
    'first',
    [
      'mkdir -p /opt/old/deep /opt/replaced/sub /opt/tofile /root/.cache/was',
      'echo 1 > /opt/old/deep/file; echo 2 > /opt/replaced/lower; echo 3 > /opt/replaced/sub/x',
      'echo 4 > /opt/tofile/y; echo 5 > /opt/tofolder; echo 6 > /opt/removed; echo 7 > /opt/kept',
      'echo 8 > /root/.cache/was/parent; ln -s old /opt/tolink; echo 9 > /opt/mode; echo 0 > /opt/edit',
      'echo a > /opt/hard; ln /opt/hard /opt/hard2; touch -d "2001-02-03 04:05:06" /opt/kept /opt/old',
    ].join('\n'),
  );
  const parent = await captureSandbox(operations, { sandbox: 'first', name: 'parent' });
  await operations.sandboxes.delete({ sandbox: 'first' });
  return parent;
}

/** Commands for every kind of change in a layer, with a marker in each excluded file. */
function everyChange(marker: string): string {
  return [
    'rm /opt/removed; rm -r /opt/replaced; mkdir /opt/replaced; echo new > /opt/replaced/upper',
    'rm -r /opt/tofile; echo file > /opt/tofile; rm /opt/tofolder; mkdir /opt/tofolder; echo in > /opt/tofolder/z',
    'rm /opt/tolink; mkdir /opt/tolink; echo in > /opt/tolink/w; chmod 4711 /opt/mode; chown 1000:1000 /opt/mode',
    'echo more >> /opt/edit; mkfifo -m 600 /opt/pipe; mknod /opt/null c 1 3; ln -s /nowhere /opt/broken',
    'echo pair > /opt/one; ln /opt/one /opt/two; mkdir -m 1777 /opt/sticky; mkdir /opt/empty',
    'touch -d "1999-12-31 23:59:59" /opt/one /opt/empty; mkdir -p /srv/a/b; echo deep > /srv/a/b/c',
    `long=/opt/$(printf 'n%.0s' $(seq 200)); echo long > $long; printf 'x' > "/opt/$(printf 'caf\\303\\251 \\377')"`,
    `mkdir -p /root/.cache/pip; echo ${marker} > /root/.cache/pip/wheel; echo ${marker} > /opt/secret`,
    'sync',
  ].join('\n');
}

it('a capture with excludes differs from a plain one only by the excluded files', async () => {
  const marker = `marker${randomBytes(12).toString('hex')}`;
  const parent = await parentWithFiles();
  const before = await contentsOf(dockerItself());
  await bootSandbox(operations, { name: 'box', snapshotId: parent.id });
  await run('box', everyChange(marker));
  await putCapability('box');
  const plain = await captureSandbox(operations, { sandbox: 'box', name: 'plain' });
  const exclude = ['/root/.cache', '/opt/secret', '/opt/not/there'];
  const without = await captureSandbox(operations, { sandbox: 'box', name: 'without', exclude });

  const expected = Object.fromEntries(
    Object.entries(await filesOf(plain)).filter(
      ([name]) => !/^'(root\/\.cache|opt\/secret)/.test(name),
    ),
  );
  expect(await filesOf(without)).toEqual(expected);
  expect(expected["'opt/ping'"]?.capability).not.toBe("''");
  expect(Object.keys(expected)).toContain("'opt/caf\\xe9 \\udcff'");

  expect(await occurrences(plain, marker)).toBe(2);
  expect(await occurrences(without, marker)).toBe(0);
  const listed = await docker('run', '--rm', imageOf(without), 'ls', '-A', '/root', '/opt');
  expect(listed).not.toMatch(/\.cache|secret/);

  // All layers of the parent are shared, plus one.
  expect((await layersOf(without)).slice(0, -1)).toEqual(await layersOf(parent));
  // The sandbox still has all files.
  expect(await run('box', 'cat /root/.cache/pip/wheel /opt/secret /root/.cache/was/parent')).toBe(
    `${marker}\n${marker}\n8\n`,
  );
  await operations.sandboxes.delete({ sandbox: 'box' });
  await operations.snapshots.delete({ id: plain.id });
  await operations.snapshots.delete({ id: without.id });
  expect(await contentsOf(dockerItself())).toEqual(before);
});

it('the other hard links of an excluded file are kept, and are one file', async () => {
  base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  const long = `/opt/z/${'n'.repeat(150)}`;
  await run(
    'box',
    `mkdir /opt/a /opt/z; echo content > /opt/a/first; ln /opt/a/first ${long}; ln /opt/a/first /opt/z/third; chmod 640 ${long}`,
  );
  const made = await captureSandbox(operations, {
    ...{ sandbox: 'box', name: 'links', exclude: ['/opt/a'] },
  });
  const script = `cat ${long} /opt/z/third; stat -c '%h %a' ${long} /opt/z/third; ls /opt`;
  expect(await docker('run', '--rm', imageOf(made), 'sh', '-c', script)).toBe(
    'content\ncontent\n2 640\n2 640\nz\n',
  );
  expect(await run('box', "stat -c '%h' /opt/a/first")).toBe('3\n');
});

it('follows links to folders in a path, and excludes a link at its end', async () => {
  base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run(
    'box',
    'mkdir -p /opt/real/data; echo 1 > /opt/real/data/x; echo 2 > /opt/real/y; ln -s /opt/real /opt/alias; ln -s real/y /opt/end; ln -s /proc /opt/kernel',
  );
  const made = await captureSandbox(operations, {
    ...{ sandbox: 'box', name: 'aliased', exclude: ['/opt/alias/data/', '/opt//end'] },
  });
  const script = 'find /opt | sort';
  expect(await docker('run', '--rm', imageOf(made), 'sh', '-c', script)).toBe(
    '/opt\n/opt/alias\n/opt/kernel\n/opt/real\n/opt/real/y\n',
  );
  const around = captureSandbox(operations, {
    ...{ sandbox: 'box', name: 'around', exclude: ['/opt/kernel/version'] },
  });
  expect(await refusal(around)).toMatchObject({ code: 'invalid_input', field: 'exclude' });
});

it.each(['etc/x', '/', '//', '/a/../b', '/proc', '/sys/fs', '/dev/null', '/tmp', '/tmp/x', ''])(
  'refuses to leave out "%s"',
  async (path) => {
    const call = operations.snapshots.capture({ sandbox: 'box', name: 'x', exclude: [path] });
    expect(await refusal(call)).toMatchObject({ code: 'invalid_input', field: 'exclude' });
  },
);

it('refuses excludes for a built image', async () => {
  const call = operations.snapshots.capture({
    ...{ sandbox: 'box', name: 'x', builtImage: 'made:1', exclude: ['/opt'] },
  });
  expect(await refusal(call)).toMatchObject({ code: 'invalid_input', field: 'exclude' });
});

it('works on stopped and suspended sandboxes, and keeps their state', async () => {
  base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', 'echo keep > /opt/keep; echo drop > /opt/drop');
  const check = async (name: string) => {
    const made = await captureSandbox(operations, { sandbox: 'box', name, exclude: ['/opt/drop'] });
    expect(await docker('run', '--rm', imageOf(made), 'ls', '/opt')).toBe('keep\n');
  };
  await operations.sandboxes.suspend({ sandbox: 'box' });
  await check('of-suspended');
  expect((await operations.sandboxes.get({ sandbox: 'box' })).suspended).toBe(true);
  await operations.sandboxes.start({ sandbox: 'box' });
  await operations.sandboxes.stop({ sandbox: 'box' });
  await check('of-stopped');
  expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('stopped');
});

it('excludes files from joined layers too, if the image declares volumes', async () => {
  base = await buildSnapshot(operations);
  const container = await dockerItself().createContainer({
    Image: base.image ?? '',
    Cmd: ['true'],
  });
  const changes = 'VOLUME /var/lib/data';
  await container.commit({ repo: 'sandglass-test/volumes', tag: '1', changes });
  await container.remove();
  const marker = `marker${randomBytes(12).toString('hex')}`;
  const labelled = imageOf(base);
  const builder = await dockerItself().createContainer({ Image: labelled, Cmd: ['true'] });
  await builder.commit({ repo: labelled.split(':')[0], tag: base.id, changes });
  await builder.remove();
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run(
    'box',
    `echo ${marker} > /opt/a; ln /opt/a /opt/b; echo ${marker} > /opt/c; echo d > /opt/d`,
  );
  const made = await captureSandbox(operations, {
    ...{ sandbox: 'box', name: 'joined', exclude: ['/opt/a', '/opt/c'] },
  });
  expect(await layersOf(made)).toHaveLength(1);
  expect(await docker('run', '--rm', imageOf(made), 'ls', '/opt')).toBe('b\nd\n');
  expect(await occurrences(made, marker)).toBe(1);
  await dockerItself().getImage('sandglass-test/volumes:1').remove();
});

it('leaves nothing behind when cancelled at any stage', async () => {
  base = await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', 'dd if=/dev/urandom of=/opt/big bs=1M count=200; echo > /opt/drop');
  const before = await contentsOf(dockerItself());
  const begun = () =>
    operations.snapshots.capture({ sandbox: 'box', name: 'cancelled', exclude: ['/opt/drop'] });
  const moments: Array<(taskId: string) => Promise<unknown>> = [
    async () => {},
    () =>
      eventually(
        async () => (await contentsOf(dockerItself())).images.length > before.images.length,
      ),
    () =>
      eventually(
        async () =>
          (await contentsOf(dockerItself())).containers.length > before.containers.length + 1,
      ),
    (id) =>
      asSoonAs(async () => ((await operations.tasks.get({ id })).progress.bytesDone ?? 0) > 50e6),
  ];
  for (const moment of moments) {
    const { task } = await begun();
    await moment(task.id);
    expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
    expect(await contentsOf(dockerItself())).toEqual(before);
    expect(await operations.sandboxes.get({ sandbox: 'box' })).toMatchObject({
      status: 'ready',
      activity: null,
    });
  }
  expect((await operations.snapshots.list({ nameContains: 'cancelled' })).total).toBe(0);
  expect(await run('box', 'ls /opt')).toBe('big\ndrop\n');
});

it('counts only the remaining files against the capacity', async () => {
  base = await buildSnapshot(operations);
  const fsCapacityBytes = 16 * 1024 ** 2;
  await bootSandbox(operations, { name: 'box', snapshotId: base.id, fsCapacityBytes });
  await run('box', 'dd if=/dev/urandom of=/opt/big bs=1M count=20; echo > /opt/small');
  const before = await contentsOf(dockerItself());
  const capture = (exclude: string[]) =>
    captureSandbox(operations, { sandbox: 'box', name: 'fits', exclude });
  expect(await refusal(capture([]))).toMatchObject({ code: 'capacity_exceeded' });
  expect(await refusal(capture(['/opt/small']))).toMatchObject({ code: 'capacity_exceeded' });
  expect(await contentsOf(dockerItself())).toEqual(before);
  expect(await capture(['/opt/big'])).toMatchObject({ status: 'ready' });
});
