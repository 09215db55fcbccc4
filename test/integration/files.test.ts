import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandglass } from '../../electron/engine/sandglass';
import {
  bootSandbox,
  buildSnapshot,
  openEngine,
  refusal,
  removeEverything,
} from '../support/engine';

let sandglass: Sandglass;
let operations: Sandglass['operations'];
beforeAll(async () => {
  sandglass = await openEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base', user: 'app' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

const read = (path: string) => operations.sandboxes.readFile({ sandbox: 'box', path });
const write = (path: string, bytes: Uint8Array<ArrayBuffer>) =>
  operations.sandboxes.writeFile({ sandbox: 'box', path, bytes });
const asRoot = async (command: string) =>
  (await operations.sandboxes.run({ sandbox: 'box', command, user: 'root' })).stdout;
const text = (value: string) => new TextEncoder().encode(value);

describe('files', () => {
  it.each([0, 1, 65_537, 3_000_000])('of %d bytes come back as they went', async (size) => {
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

  it('belong to the sandbox’s user when new, and keep mode and owner when not', async () => {
    await write('/opt/new.txt', text('1'));
    expect(await asRoot('stat -c "%U %a" /opt/new.txt')).toBe('app 644\n');
    await asRoot('echo x > /opt/own.sh; chmod 750 /opt/own.sh; chown 0:1000 /opt/own.sh');
    await write('/opt/own.sh', text('longer than before'));
    expect(await asRoot('stat -c "%u:%g %a" /opt/own.sh; cat /opt/own.sh')).toBe(
      '0:1000 750\nlonger than before',
    );
  });

  it('are reached through symbolic links, which stay links', async () => {
    await asRoot('mkdir -p /opt/real; echo 1 > /opt/real/f; ln -s /opt/real/f /opt/link');
    await write('/opt/link', text('through'));
    expect(await asRoot('cat /opt/real/f; test -L /opt/link && echo link')).toBe('throughlink\n');
    expect(
      await operations.sandboxes.statFile({ sandbox: 'box', path: '/opt/link' }),
    ).toMatchObject({ kind: 'symlink', linkTarget: '/opt/real/f' });
  });

  it('outside the sandbox are out of reach', async () => {
    await asRoot('ln -s /../../../../etc/hostname /opt/escape');
    expect(new TextDecoder().decode(await read('/../../etc/passwd'))).toContain('app:');
    expect(new TextDecoder().decode(await read('/opt/escape'))).toBe('box\n');
  });

  it('can be read and written while the sandbox is stopped', async () => {
    await operations.sandboxes.stop({ sandbox: 'box' });
    await write('/opt/stopped.txt', text('a'));
    await write('/tmp/stopped.txt', text('b'));
    expect(new TextDecoder().decode(await read('/opt/stopped.txt'))).toBe('a');
    await operations.sandboxes.start({ sandbox: 'box' });
    expect(await asRoot('cat /opt/stopped.txt /tmp/stopped.txt')).toBe('ab');
  });
});

describe('what is not a file', () => {
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
    expect(await refusal(read(path))).toMatchObject({ code: 'invalid_input', field: 'path' });
  });
});
