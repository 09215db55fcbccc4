import { chmod, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { openApi } from '../../support/api';
import { cliEnv, runCli } from '../../support/cli';
import {
  bootSandbox,
  buildSnapshot,
  freshHome,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';
import { startHeadless } from '../../support/headless';
import { runInSandbox } from '../../support/runInSandbox';

/** The CLI in a separate process, with the API and Docker. */

let sandglass: Engine;
let api: ApiServer;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  env = cliEnv(api.address);
});
afterAll(async () => {
  await api.close();
  await sandglass.close();
});
afterEach(() => removeEverything(sandglass));

/** Waits for the result of the previous command, which may take a moment. */
const AGE = /^just now$|^\d+ s ago$|^[1-3] min ago$/;

const run = (...args: string[]) => runCli(env, args);
/** Runs a command that must succeed. Returns its output. */
const said = async (...args: string[]) => {
  const { code, out, err } = await run(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.trim();
};

describe('snapshots', () => {
  it('are built from images, listed, fetched and deleted', async () => {
    const id = await said('snapshots', 'create', 'base', TEST_IMAGE, '--tag', 'v1', '-e', 'A=1');
    const listed = await said('snapshots', 'ls');
    expect(listed.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['NAME', 'STATUS', 'SIZE', 'IMAGE', 'CREATED', 'ID'],
      [
        'base:v1',
        'ready',
        expect.stringMatching(/MiB$/),
        TEST_IMAGE,
        expect.stringMatching(AGE),
        id,
      ],
    ]);
    expect(JSON.parse(await said('snapshots', 'get', 'base:v1'))).toMatchObject({
      id,
      run_config: { env_vars: { A: '1' } },
    });
    expect(JSON.parse(await said('snapshots', 'ls', '--json'))).toMatchObject([{ id }]);
    expect(await said('snapshots', 'rm', 'base')).toBe('base');
    expect(await said('snapshots', 'ls', '-q')).toBe('');
  });

  it('are built from a Dockerfile, with the log on stderr', async () => {
    const folder = await freshHome();
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM ${TEST_IMAGE}\nARG WHO\nCOPY . /opt\nRUN echo built for $WHO && ls /opt > /opt/list\n`,
    );
    await writeFile(join(folder, 'kept'), '');
    await writeFile(join(folder, 'secret'), '');
    await writeFile(join(folder, '.dockerignore'), 'secret\n');
    const built = await run('snapshots', 'build', 'mine', folder, '--build-arg', 'WHO=us');
    expect(built).toMatchObject({ code: 0, err: expect.stringContaining('built for us') });
    await said('sandboxes', 'create', built.out.trim(), '-n', 'box');
    expect(await said('run', 'box', 'cat /opt/list')).toBe('Dockerfile\nkept\nlist');
    await writeFile(join(folder, 'Dockerfile'), `FROM ${TEST_IMAGE}\nRUN exit 9\n`);
    const failed = await run('snapshots', 'build', 'bad', folder, '--quiet');
    expect(failed).toMatchObject({ code: 125, out: '' });
    expect(failed.err).toMatch(/^sandglass: .+\n$/);
  });

  it('that cannot be built report why, in one line', async () => {
    const { code, out, err } = await run('snapshots', 'create', 'x', 'sandglass-test/nowhere:1');
    expect({ code, out }).toEqual({ code: 125, out: '' });
    expect(err).toMatch(/^sandglass: .*sandglass-test\/nowhere:1.*\n$/);
  });

  it('are captured from sandboxes', async () => {
    await said('sandboxes', 'create', '--name', 'worker');
    await said('capture', 'worker', 'kept', '--note', 'All of it');
    const { snapshots } = await sandglass.operations.snapshots.list({ nameContains: 'kept' });
    expect(snapshots).toMatchObject([{ status: 'ready', note: 'All of it' }]);
  });

  it('are captured without excluded paths', async () => {
    await said('sandboxes', 'create', '--name', 'worker');
    await said('run', 'worker', '--', 'sh', '-c', 'mkdir /opt/a /opt/b /opt/c');
    await said('capture', 'worker', 'less', '--exclude', '/opt/a', '-x', '/opt/c');
    await said('sandboxes', 'create', 'less', '--name', 'next');
    expect(await said('run', 'next', '--', 'ls', '/opt')).toBe('b');
    const { code, err } = await run('capture', 'worker', 'none', '--exclude', 'opt/a');
    expect(code).toBe(125);
    expect(err).toMatch(/^sandglass: exclude: .*"opt\/a" is not an absolute path/);
  });
});

describe('sandboxes', () => {
  it('are created, listed, stopped, started, renamed and deleted', async () => {
    const { id } = await buildSnapshot(sandglass.operations);
    expect(await said('sandboxes', 'create', 'base', '-n', 'one', '-m', '64MiB')).toBe('one');
    const made = JSON.parse(await said('sandboxes', 'get', 'one', '--json'));
    expect(made).toMatchObject({ snapshot_id: id, mem_bytes: 64 * 1024 ** 2, status: 'ready' });
    const [, row = ''] = (await said('ls')).split('\n');
    expect(row.split(/ {2,}/)).toEqual(['one', 'ready', 'base', expect.stringMatching(AGE)]);
    expect(await said('sandboxes', 'stop', 'one')).toBe('one');
    expect(await said('sandboxes', 'get', 'one')).toMatch(/^status +stopped$/m);
    await said('sandboxes', 'start', 'one');
    expect(await said('sandboxes', 'rename', 'one', 'two')).toBe('two');
    expect(await said('sandboxes', 'rm', 'two')).toBe('two');
    expect(JSON.parse(await said('ls', '--json'))).toEqual([]);
  });

  it('that do not exist are an error with code 125, also as JSON', async () => {
    const plain = await run('sandboxes', 'stop', 'nobody');
    expect(plain).toMatchObject({ code: 125, out: '' });
    expect(plain.err).toMatch(/^sandglass: .*"nobody".*\n$/);
    const json = await run('sandboxes', 'get', 'nobody', '--json');
    expect(json.code).toBe(125);
    expect(JSON.parse(json.err)).toMatchObject({ error: { type: 'ResourceNotFound' } });
  });

  it('have validated options', async () => {
    const { code, err } = await run('sandboxes', 'create', '--memory', 'much');
    expect(code).toBe(125);
    expect(err).toContain('512MiB');
  });
});

describe('cp', () => {
  it('copies a file in both directions, byte for byte, with its mode', async () => {
    await bootForCopies();
    const folder = await freshHome();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
    await writeFile(join(folder, 'tool'), bytes);
    await chmod(join(folder, 'tool'), 0o750);
    await said('cp', join(folder, 'tool'), 'box:/opt/made/new-name');
    await said('cp', join(folder, 'tool'), 'box:/opt');
    await said('cp', 'box:/opt/made/new-name', join(folder, 'back'));
    await said('cp', 'box:/opt/tool', folder);
    expect((await readFile(join(folder, 'back'))).equals(bytes)).toBe(true);
    expect((await stat(join(folder, 'back'))).mode & 0o777).toBe(0o750);
    expect((await readFile(join(folder, 'tool'))).equals(bytes)).toBe(true);
  });

  it('copies folders as docker does: into an existing one, otherwise under the new name', async () => {
    await bootForCopies();
    const folder = await freshHome();
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    await writeFile(join(folder, 'src/deep/a.txt'), 'a');
    await writeFile(join(folder, 'src/ö b.txt'), 'b');
    await symlink('deep/a.txt', join(folder, 'src/link'));
    await said('cp', join(folder, 'src'), 'box:/opt');
    await said('cp', join(folder, 'src'), 'box:/opt/other');
    await said('cp', `${join(folder, 'src')}/.`, 'box:/opt/made');
    const { stdout } = await runInSandbox(sandglass, {
      sandbox: 'box',
      command: 'cd /opt && find . -type f -o -type l | sort; stat -c %U src/deep/a.txt',
    });
    const files = ['deep/a.txt', 'link', 'ö b.txt'];
    const paths = ['made', 'other', 'src'].flatMap((name) => files.map((f) => `./${name}/${f}`));
    expect(stdout.trim().split('\n')).toEqual([...paths, 'app']);
    await said('cp', 'box:/opt/src', join(folder, 'out'));
    await said('cp', 'box:/opt/src', folder);
    await said('cp', 'box:/opt/src/.', join(folder, 'src/deep'));
    for (const copy of ['out', 'src', 'src/deep']) {
      expect(await readFile(join(folder, copy, 'deep/a.txt'), 'utf8')).toBe('a');
      expect(await readlink(join(folder, copy, 'link'))).toBe('deep/a.txt');
    }
  });

  it('reports invalid combinations', async () => {
    await bootForCopies();
    const folder = await freshHome();
    await writeFile(join(folder, 'file'), '');
    const wrong: Array<[string, string, string]> = [
      [join(folder, 'none'), 'box:/opt', 'does not exist'],
      ['box:/none', folder, 'does not exist'],
      [folder, folder, 'sandbox:path'],
      [folder, 'box:/etc/passwd', 'is a file'],
      ['box:/etc', join(folder, 'file'), 'is a file'],
      [folder, 'nobody:/opt', '"nobody"'],
    ];
    for (const [from, to, message] of wrong) {
      const { code, err } = await run('cp', from, to);
      expect({ code, err }).toEqual({ code: 125, err: expect.stringContaining(message) });
    }
  });

  async function bootForCopies(): Promise<void> {
    const { id } = await buildSnapshot(sandglass.operations);
    await bootSandbox(sandglass.operations, { snapshotId: id, name: 'box', user: 'app' });
  }
});

describe('the app', () => {
  it('is found by its home, over its socket with its key', async () => {
    const home = await freshHome();
    const headless = await startHeadless({ SANDGLASS_HOME: home, SANDGLASS_API_PORT: '0' });
    const { PATH } = process.env;
    const foreign = {
      LANGSMITH_ENDPOINT: 'https://api.smith.example',
      LANGSMITH_API_KEY: 'theirs',
    };
    const found = await runCli({ PATH, SANDGLASS_HOME: home, ...foreign }, ['ls', '--json']);
    expect(found).toMatchObject({ code: 0, out: '[]\n' });
    const { address } = headless.said.api as { address: string };
    const key = (await readFile(join(home, 'api-key'), 'utf8')).trim();
    const byClient = await runCli(
      { PATH, SANDGLASS_HOME: '/nowhere', LANGSMITH_ENDPOINT: address, LANGSMITH_API_KEY: key },
      ['ls', '--json'],
    );
    expect(byClient).toMatchObject({ code: 0, out: '[]\n' });
    await headless.end('SIGTERM');
    const away = await runCli({ PATH, SANDGLASS_HOME: home }, ['ls']);
    expect(away.code).toBe(125);
    expect(away.err).toContain('npm start -- --headless');
  });

  it('refuses a wrong key, and the error names the file of the right one', async () => {
    const { code, err } = await runCli({ ...env, SANDGLASS_API_KEY: 'wrong' }, ['ls']);
    expect(code).toBe(125);
    expect(err).toContain('SANDGLASS_API_KEY');
  });
});
