import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  gitMount,
  LangSmithSandboxCreationError,
  LangSmithValidationError,
  mountConfig,
  SandboxClient,
  s3Mount,
} from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi, thrownBy } from '../../support/api';
import {
  contentsOf,
  dockerItself,
  eventually,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';

/** Mounts of Git repositories, which are on the host here. */

const run = promisify(execFile);

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let folder: string;
let repository: string;

async function git(...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const { stdout } = await run('git', ['-C', repository, ...who, ...args]);
  return stdout.trim();
}

/** The client's own helper accepts only HTTPS URLs. */
function mounted(mountPath: string, ref?: { type: 'branch' | 'tag'; name: string }) {
  const made = gitMount({ id: 'm', mountPath, remoteUrl: 'https://example.com/r.git', ref });
  return { ...made, git: { ...made.git, remote_url: `file://${repository}` } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandglass-mounting-'));
  // The server's temporary folder, to check what it leaves there.
  process.env.TMPDIR = folder;
  repository = await mkdtemp(join(folder, 'repository-'));
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(repository, 'run.sh'), '#!/bin/sh\necho main\n', { mode: 0o755 });
  await symlink('run.sh', join(repository, 'link'));
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'one');
  await git('tag', 'v1');
  await git('checkout', '--quiet', '-b', 'side/branch');
  await writeFile(join(repository, 'run.sh'), '#!/bin/sh\necho side\n');
  await git('commit', '--quiet', '-am', 'two');
  await git('tag', 'main');
  await git('checkout', '--quiet', 'main', '--');
  sandglass = await openTestEngine({ keepOpen: true, gitProtocols: ['https', 'file'] });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
});
afterEach(() => removeEverything(sandglass));
afterAll(async () => {
  await api.close();
  await sandglass.close();
  delete process.env.TMPDIR;
  await rm(folder, { recursive: true });
});

it('a repository is cloned to its path, by default branch, branch and tag', async () => {
  const box = await client.createSandbox({
    mountConfig: mountConfig({
      mounts: [
        mounted('/mnt/mounts/default'),
        mounted('/mnt/mounts/branch', { type: 'branch', name: 'side/branch' }),
        mounted('/srv/tag', { type: 'tag', name: 'v1' }),
        mounted('/srv/other', { type: 'tag', name: 'main' }),
      ],
    }),
    runConfig: { user: 'app' },
  });
  const command = 'cd /; for d in mnt/mounts/default mnt/mounts/branch srv/tag srv/other; do';
  const { stdout } = await box.run(`${command} $d/run.sh; done; stat -c %U /srv/tag/run.sh`);
  expect(stdout).toBe('main\nside\nmain\nside\napp\n');
  expect((await box.run('readlink /srv/tag/link; cat /srv/tag/.git/HEAD')).stdout).toBe(
    `run.sh\n${await git('rev-parse', 'v1')}\n`,
  );
});

it('its changes survive a stop, are not captured or pushed, and are deleted with the sandbox', async () => {
  const before = await contentsOf(dockerItself());
  const box = await client.createSandbox({
    name: 'box',
    mountConfig: mountConfig({ mounts: [mounted('/mnt/repo')] }),
  });
  await box.run('echo changed > /mnt/repo/mine; echo kept > /opt/kept');
  await client.stopSandbox('box');
  await client.startSandbox('box');
  expect((await box.run('cat /mnt/repo/mine')).stdout).toBe('changed\n');
  const snapshot = await client.captureSnapshot('box', 'captured');
  const second = await client.createSandbox(snapshot.id);
  expect((await second.run('cat /opt/kept; ls /mnt/repo')).stdout).toBe('kept\n');
  expect(await git('status', '--porcelain')).toBe('');
  await removeEverything(sandglass);
  await eventually(async () => {
    return JSON.stringify(await contentsOf(dockerItself())) === JSON.stringify(before);
  });
  expect((await readdir(folder)).filter((name) => name.startsWith('sandglass-mounts-'))).toEqual(
    [],
  );
});

it('a failed clone fails the creation, and leaves nothing behind', async () => {
  const before = await contentsOf(dockerItself());
  const failed = await thrownBy(
    client.createSandbox({
      mountConfig: mountConfig({
        mounts: [mounted('/mnt/a'), mounted('/mnt/b', { type: 'branch', name: 'nowhere' })],
      }),
    }),
  );
  expect(failed).toBeInstanceOf(LangSmithSandboxCreationError);
  expect(failed.errorType).toBe('MountFailed');
  expect(failed.message).toContain('nowhere');
  await removeEverything(sandglass);
  await eventually(async () => {
    return JSON.stringify(await contentsOf(dockerItself())) === JSON.stringify(before);
  });
  expect((await readdir(folder)).filter((name) => name.startsWith('sandglass-mounts-'))).toEqual(
    [],
  );
});

const remoteUrl = 'https://example.com/r.git';
const good = () => gitMount({ id: 'm', mountPath: '/mnt/repo', remoteUrl });
const remote = (remote_url: string) => ({ ...good(), git: { remote_url } });
const ref = (name: string) => ({ ...good(), git: { ...good().git, ref: { type: 'tag', name } } });

it.each([
  ['remote_url', remote('ssh://example.com/r.git')],
  ['remote_url', remote('http://example.com/r.git')],
  ['remote_url', remote('ext::sh -c touch% /tmp/pwned')],
  ['remote_url', remote('https://user:secret@example.com/r.git')],
  ['remote_url', remote('--upload-pack=touch /tmp/pwned')],
  ['name', ref('--output=/tmp/pwned')],
  ['name', ref('v1:refs/heads/other')],
  ['name', ref('a..b')],
  ['mount_path', { ...good(), mount_path: '/tmp/repo' }],
  ['mount_path', { ...good(), mount_path: '/' }],
  ['mount_path', { ...good(), mount_path: '/mnt/../etc' }],
  ['mount_path', { ...good(), mount_path: 'relative' }],
  ['refresh_interval_seconds', { ...good(), git: { ...good().git, refresh_interval_seconds: 60 } }],
  ['mount_config', s3Mount({ id: 's', mountPath: '/mnt/s3', bucket: 'b' })],
  ['type', { id: 'x', type: 'nfs', mount_path: '/mnt/x' }],
])('%s is refused by field: %o', async (field, mount) => {
  const config = { auth: {}, mounts: [mount] } as ReturnType<typeof mountConfig>;
  const refused = await thrownBy(client.createSandbox({ mountConfig: config }));
  expect(refused).toBeInstanceOf(LangSmithValidationError);
  expect(refused.field).toBe(field);
  expect(refused.message).not.toContain('secret');
  expect(await client.listSandboxes()).toEqual([]);
});

it('a mount inside another is refused', async () => {
  const mounts = [mounted('/mnt/repo'), mounted('/mnt/repo/deeper')];
  const refused = await thrownBy(client.createSandbox({ mountConfig: mountConfig({ mounts }) }));
  expect(refused.field).toBe('mount_path');
});

it('only HTTPS is allowed by default', async () => {
  const strict = await openTestEngine();
  await strict.operations.settings.update({ defaultImage: TEST_IMAGE });
  const own = await openApi(strict);
  const stranger = new SandboxClient({ apiEndpoint: own.endpoint, apiKey: API_KEY });
  const config = mountConfig({ mounts: [mounted('/mnt/repo')] });
  expect(await thrownBy(stranger.createSandbox({ mountConfig: config }))).toMatchObject({
    field: 'remote_url',
  });
});
