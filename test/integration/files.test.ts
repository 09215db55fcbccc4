import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Archive } from '../../electron/engine/docker/files/archive';
import { findFolder } from '../../electron/engine/docker/files/containerPaths';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  dockerItself,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';
import { readSandboxFile, writeSandboxFile } from '../support/sandboxFiles';

let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base', user: 'app' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

const read = (path: string) => readSandboxFile(sandglass, { sandbox: 'box', path });
const write = (path: string, bytes: Uint8Array<ArrayBuffer>) =>
  writeSandboxFile(sandglass, { sandbox: 'box', path, bytes });
const asRoot = async (command: string) =>
  (await runInSandbox(sandglass, { sandbox: 'box', command, user: 'root' })).stdout;
const text = (value: string) => new TextEncoder().encode(value);

describe('files', () => {
  it.each([0, 1, 65_537, 3_000_000])('of %d bytes are read as written', async (size) => {
    const bytes = new Uint8Array(randomBytes(size));
    expect((await write('/opt/data.bin', bytes)).sizeBytes).toBe(size);
    expect(Buffer.compare(await read('/opt/data.bin'), bytes)).toBe(0);
  });

  it.each(['/opt/a b/c"d\'/$x.txt', '/opt/ünï/漢字', '/opt/new\nline', '/opt/./x/../y', '/tmp/t'])(
    'may be called %j, in folders that are not there yet',
    async (path) => {
      await write(path, text(path));
      expect(new TextDecoder().decode(await read(path))).toBe(path);
    },
  );

  it('get the sandbox’s user when new, and keep mode and owner when replaced', async () => {
    await write('/opt/new.txt', text('1'));
    expect(await asRoot('stat -c "%U %a" /opt/new.txt')).toBe('app 644\n');
    await asRoot('echo x > /opt/own.sh; chmod 750 /opt/own.sh; chown 0:1000 /opt/own.sh');
    await write('/opt/own.sh', text('longer than before'));
    expect(await asRoot('stat -c "%u:%g %a" /opt/own.sh; cat /opt/own.sh')).toBe(
      '0:1000 750\nlonger than before',
    );
  });

  it('are written through symbolic links, which stay links', async () => {
    await asRoot('mkdir -p /opt/real; echo 1 > /opt/real/f; ln -s /opt/real/f /opt/link');
    await write('/opt/link', text('through'));
    expect(await asRoot('cat /opt/real/f; test -L /opt/link && echo link')).toBe('throughlink\n');
    expect(await asRoot('readlink /opt/link')).toBe('/opt/real/f\n');
  });

  it('outside the sandbox are inaccessible', async () => {
    await asRoot('ln -s /../../../../etc/hostname /opt/escape');
    expect(new TextDecoder().decode(await read('/../../etc/passwd'))).toContain('app:');
    expect(new TextDecoder().decode(await read('/opt/escape'))).toBe('box\n');
  });

  it('start a stopped sandbox, as commands do', async () => {
    await operations.sandboxes.stop({ sandbox: 'box' });
    await write('/tmp/stopped.txt', text('b'));
    expect(new TextDecoder().decode(await read('/tmp/stopped.txt'))).toBe('b');
    expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('ready');
  });

  it('with a relative path start at the working directory, and ".." ends at the root', async () => {
    await asRoot('echo relative > /root/rel; chmod 755 /root');
    const { runConfig } = await operations.sandboxes.get({ sandbox: 'box' });
    expect(runConfig.workDir).toBe('/root');
    expect(new TextDecoder().decode(await read('rel'))).toBe('relative\n');
    expect(new TextDecoder().decode(await read('../../../root/./rel'))).toBe('relative\n');
  });

  it('can be read in ranges', async () => {
    const bytes = new Uint8Array(randomBytes(300_000));
    await write('/opt/part.bin', bytes);
    const part = async (offset: number, length?: number) =>
      await readSandboxFile(sandglass, {
        sandbox: 'box',
        path: '/opt/part.bin',
        offset,
        length,
      });
    expect(Buffer.compare(await part(0, 10), bytes.subarray(0, 10))).toBe(0);
    expect(Buffer.compare(await part(99_999, 100_001), bytes.subarray(99_999, 200_000))).toBe(0);
    expect(Buffer.compare(await part(299_990), bytes.subarray(299_990))).toBe(0);
    expect((await part(299_990, 1000)).length).toBe(10);
    expect((await part(300_000)).length).toBe(0);
    expect((await part(1_000_000, 5)).length).toBe(0);
  });
});

it('the search for an existing parent ends at the root if the container is gone', async () => {
  const container = await dockerItself().createContainer({ Image: TEST_IMAGE });
  await container.remove();
  const archive = new Archive(dockerItself());
  await expect(findFolder(archive, container.id, '/opt/new/folder')).rejects.toMatchObject({
    code: 'not_found',
    message: 'The sandbox is gone.',
  });
});

it('a file of 1 GiB is streamed in both directions, in constant memory', async () => {
  const size = 1024 ** 3;
  const block = randomBytes(1024 ** 2);
  const written = createHash('sha256');
  function* blocks() {
    for (let i = 0; i < size / block.length; i += 1) {
      block.writeUInt32LE(i);
      written.update(block);
      yield Buffer.from(block);
    }
  }
  const before = process.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 50);
  const content = Readable.from(blocks());
  const stat = await sandglass.files.writeStream('box', '/opt/huge', content, size);
  expect(stat.sizeBytes).toBe(size);
  const seen = createHash('sha256');
  for await (const chunk of await sandglass.files.readStream('box', '/opt/huge'))
    seen.update(chunk);
  clearInterval(watching);
  expect(seen.digest('hex')).toBe(written.digest('hex'));
  expect(most - before).toBeLessThan(size / 4);
  await operations.sandboxes.deleteFile({ sandbox: 'box', path: '/opt/huge' });
});

describe('folders', () => {
  const list = (path: string) => operations.sandboxes.listFiles({ sandbox: 'box', path });

  it('are listed with kind, size, mode, owner and arbitrary names', async () => {
    await operations.sandboxes.makeFolder({ sandbox: 'box', path: '/opt/list/sub folder' });
    await write('/opt/list/.hidden', text('123'));
    await write('/opt/list/new\nline "q" ü', text(''));
    await asRoot('cd /opt/list; ln -s .hidden link; mkfifo pipe; chmod 750 .hidden');
    const listed = await list('/opt/list');
    expect(listed.map(({ path, kind }) => [path, kind])).toEqual([
      ['/opt/list/.hidden', 'file'],
      ['/opt/list/link', 'symlink'],
      ['/opt/list/new\nline "q" ü', 'file'],
      ['/opt/list/pipe', 'other'],
      ['/opt/list/sub folder', 'directory'],
    ]);
    expect(listed[0]).toMatchObject({ sizeBytes: 3, mode: 0o750, uid: 1000, gid: 1000 });
    expect(await list('/opt/list/sub folder')).toEqual([]);
  });

  it('with thousands of entries are listed completely', async () => {
    await asRoot('mkdir /opt/many; cd /opt/many; for i in $(seq 5000); do : > "file $i"; done');
    expect(await list('/opt/many')).toHaveLength(5000);
  });

  it.each(['printf nonsense', 'printf "./a\\0"', 'printf "1 2 3\\n./a"'])(
    'are refused where the sandbox has a shell that does "%s"',
    async (lie) => {
      const busybox = (...args: string[]) =>
        runInSandbox(sandglass, {
          sandbox: 'box',
          command: ['/bin/busybox', ...args],
          user: 'root',
        });
      await busybox('sh', '-c', `printf '%s\\n' '#!/bin/busybox sh' '${lie}' > /bin/lie`);
      await busybox('sh', '-c', 'chmod +x /bin/lie; mv /bin/lie /bin/sh');
      const refused = await refusal(list('/etc'));
      await busybox('ln', '-sf', '/bin/busybox', '/bin/sh');
      expect(refused).toMatchObject({ code: 'engine_error' });
    },
  );

  it('are created with their parents for the sandbox’s user, and may exist already', async () => {
    const path = '/opt/made/a/b';
    await operations.sandboxes.makeFolder({ sandbox: 'box', path });
    const made = await operations.sandboxes.makeFolder({ sandbox: 'box', path });
    expect(made).toMatchObject({ kind: 'directory', mode: 0o755 });
    expect(await asRoot('stat -c "%U" /opt/made /opt/made/a/b')).toBe('app\napp\n');
  });

  it('are deleted with their contents, as are single files', async () => {
    await write('/opt/gone/a/b', text('x'));
    await operations.sandboxes.deleteFile({ sandbox: 'box', path: '/opt/gone/a/b' });
    expect(await list('/opt/gone/a')).toEqual([]);
    await operations.sandboxes.deleteFile({ sandbox: 'box', path: '/opt/gone' });
    expect(await refusal(list('/opt/gone'))).toMatchObject({ code: 'file_not_found' });
  });

  it.each(['/', '/tmp', '/opt/../proc'])('%s cannot be deleted', async (path) => {
    const call = operations.sandboxes.deleteFile({ sandbox: 'box', path });
    expect(await refusal(call)).toMatchObject({ code: 'invalid_input', field: 'path' });
  });

  it('that are files or do not exist are reported', async () => {
    expect(await refusal(list('/etc/passwd'))).toMatchObject({ code: 'not_a_directory' });
    expect(await refusal(list('/nowhere'))).toMatchObject({ code: 'file_not_found' });
    const below = operations.sandboxes.makeFolder({ sandbox: 'box', path: '/etc/passwd/x' });
    expect(await refusal(below)).toMatchObject({ code: 'not_a_directory', field: 'path' });
    const gone = operations.sandboxes.deleteFile({ sandbox: 'box', path: '/nowhere' });
    expect(await refusal(gone)).toMatchObject({ code: 'file_not_found' });
  });
});

describe('paths that are not files', () => {
  beforeAll(() => asRoot('mkfifo /opt/pipe'));

  it.each([
    ['/opt/missing', 'file_not_found', 'does not exist'],
    ['/opt', 'not_a_file', 'is a folder'],
    ['/opt/pipe', 'not_a_file', 'is a device or a pipe'],
  ])('%s is refused when read', async (path, code, message) => {
    const refused = await refusal(read(path));
    expect(refused).toMatchObject({ code, field: 'path' });
    expect(refused.message).toContain(message);
  });

  it.each([
    ['/opt', 'not_a_file'],
    ['/opt/folder/', 'not_a_file'],
    ['/etc/passwd/below', 'not_a_directory'],
  ])('%s is refused when written', async (path, code) => {
    expect(await refusal(write(path, text('x')))).toMatchObject({ code, field: 'path' });
  });

  it.each(['', '/nul\0'])('the path %j is refused', async (path) => {
    const { listFiles, deleteFile } = operations.sandboxes;
    for (const call of [
      listFiles({ sandbox: 'box', path }),
      deleteFile({ sandbox: 'box', path }),
    ]) {
      expect(await refusal(call)).toMatchObject({ code: 'invalid_input', field: 'path' });
    }
  });
});
