import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  LangSmithResourceCreationError,
  LangSmithSandboxError,
  SandboxClient,
} from 'langsmith/sandbox';
import { SandboxClient as ClientOfOld } from 'langsmith-inline/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi, thrownBy } from '../../support/api';
import {
  contentsOf,
  type DockerContents,
  dockerItself,
  eventually,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';

/** The client's own Dockerfile build: its script, in a sandbox without BuildKit. */

const GIB = 1024 ** 3;
const docker = dockerItself;

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let before: DockerContents;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await api.close();
  await sandglass.close();
});
beforeEach(async () => {
  before = await contentsOf(docker());
});
afterEach(() => removeEverything(sandglass));

async function contextWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-context-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Asserts that nothing of a build is left: no sandbox, and no image but those of snapshots. */
async function expectNothingLeft(): Promise<void> {
  expect(await client.listSandboxes()).toEqual([]);
  await removeEverything(sandglass);
  await eventually(async () => {
    return JSON.stringify(await contentsOf(docker())) === JSON.stringify(before);
  });
}

const dockerfile = `FROM ${TEST_IMAGE} AS first
ARG GREETING=none
COPY . /src/
RUN echo "$GREETING" > /greeting && echo "said by the build"
USER app
WORKDIR /src
ENV MODE=test

FROM first
RUN echo second > /home/never
`;

it('builds with its context, arguments and target, streams its log, and boots', async () => {
  const context = await contextWith({
    'docker/Build.file': dockerfile,
    'kept.txt': 'kept',
    'left/out.txt': 'out',
    '.dockerignore': 'left\n',
  });
  await symlink('kept.txt', join(context, 'link'));
  // Special characters are part of the value.
  const greeting = `it's "$HOME" \`id\` ; $(touch /pwned)\nnext & 'line' \\`;
  let log = '';
  const snapshot = await client.createSnapshotFromDockerfile('built', 'docker/Build.file', GIB, {
    context,
    buildArgs: { GREETING: greeting, OTHER: '' },
    target: 'first',
    onBuildLog: (text) => {
      log += text;
    },
  });
  expect(log).toContain('said by the build');
  expect(snapshot).toMatchObject({
    name: 'built',
    status: 'ready',
    fs_capacity_bytes: GIB,
    run_config: { user: 'app', work_dir: '/src', env_vars: { MODE: 'test' } },
  });
  expect(snapshot.source_sandbox_id).toMatch(/^[0-9a-f-]{36}$/);
  const box = await client.createSandbox(snapshot.id);
  expect((await box.run('cat /greeting')).stdout).toBe(`${greeting}\n`);
  expect((await box.run('cat link; ls /src /home')).stdout).toBe(
    'kept/home:\n\n/src:\ndocker\nkept.txt\nlink\n',
  );
  await box.delete();
  await expectNothingLeft();
});

it('builds for the old client too, and without a size', async () => {
  const old = new ClientOfOld({ apiEndpoint: api.endpoint, apiKey: API_KEY });
  const context = await contextWith({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo old > /which\n` });
  const snapshot = await old.createSnapshotFromDockerfile('old', 'Dockerfile', GIB, { context });
  const box = await client.createSandbox(snapshot.id);
  expect((await box.run('cat /which')).stdout).toBe('old\n');
});

it('streams the log during the build, and is cancelled from the window', async () => {
  const { tasks } = sandglass.operations;
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo begun; sleep 1000\n`,
  });
  let log = '';
  let cancelling: Promise<unknown> | undefined;
  const cancel = async () => {
    const building = (await tasks.list()).find(({ kind }) => kind === 'snapshot.build');
    return await tasks.cancel({ id: building?.id ?? '' });
  };
  const cancelled = await thrownBy(
    client.createSnapshotFromDockerfile('live', 'Dockerfile', {
      context,
      timeout: 600,
      onBuildLog: (text) => {
        log += text;
        if (/^begun$/m.test(log)) cancelling ??= cancel();
      },
    }),
  );
  expect(await cancelling).toMatchObject({ state: 'cancelled' });
  expect(cancelled).toBeInstanceOf(LangSmithResourceCreationError);
  await expectNothingLeft();
});

it('that fails reports it, and leaves neither its sandbox nor an image', async () => {
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo fine > /fine\nRUN echo "the reason"; exit 3\n`,
  });
  let log = '';
  const failed = await thrownBy(
    client.createSnapshotFromDockerfile('failing', 'Dockerfile', {
      context,
      onBuildLog: (text) => {
        log += text;
      },
    }),
  );
  expect(failed).toBeInstanceOf(LangSmithResourceCreationError);
  expect(log).toContain('the reason');
  expect(log).toContain('returned a non-zero code: 3');
  expect(await client.listSnapshots({ nameContains: 'failing' })).toEqual([]);
  await expectNothingLeft();
});

it('that takes too long is ended, and leaves nothing behind', async () => {
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo fine > /fine\nRUN sleep 1000\n`,
  });
  const late = await thrownBy(
    // As long as the creation of its sandbox may take.
    client.createSnapshotFromDockerfile('late', 'Dockerfile', { context, timeout: 15 }),
  );
  expect(late).toBeInstanceOf(LangSmithSandboxError);
  await expectNothingLeft();
});

it('ends with its sandbox', async () => {
  const context = await contextWith({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN sleep 1000\n` });
  const ended = thrownBy(client.createSnapshotFromDockerfile('one', 'Dockerfile', { context }));
  const { sandboxId } = await eventually(async () =>
    (await sandglass.operations.tasks.list()).find(
      ({ kind, progress }) => kind === 'snapshot.build' && progress.step !== '',
    ),
  );
  await client.deleteSandbox(sandboxId ?? '');
  expect(await ended).toBeInstanceOf(LangSmithSandboxError);
  await expectNothingLeft();
});

it('can run in any snapshot', async () => {
  const other = await client.createSnapshot('other', TEST_IMAGE, GIB);
  await sandglass.operations.settings.update({ defaultImage: 'sandglass-test/nowhere:1' });
  try {
    const context = await contextWith({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN true\n` });
    const built = await client.createSnapshotFromDockerfile('built', 'Dockerfile', { context });
    expect(built.status).toBe('ready');
    // Any other sandbox without a snapshot still waits for the default image.
    const refused = await thrownBy(client.createSandbox());
    expect(refused.message).toContain('sandglass-test/nowhere:1');
    expect(other.status).toBe('ready');
  } finally {
    await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  }
});

it('captures only an image that the sandbox has built', async () => {
  const box = await client.createSandbox();
  for (const dockerImage of [TEST_IMAGE, `langsmith-snapshot-build:${'0'.repeat(32)}`]) {
    const refused = await thrownBy(client.captureSnapshot(box.name, 'taken', { dockerImage }));
    expect(refused).toMatchObject({ field: 'docker_image' });
    expect(refused.message).toContain(dockerImage);
  }
});
