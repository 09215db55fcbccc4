import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { LangSmithResourceCreationError, SandboxClient } from 'langsmith/sandbox';
import tar from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** Dockerfile builds with a context in the request, without a sandbox. */

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let before: unknown;
let folder: string;
beforeAll(async () => {
  // The server's temporary folder, to check what it keeps there.
  folder = await mkdtemp(join(tmpdir(), 'sandglass-own-'));
  process.env.TMPDIR = folder;
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await api.close();
  await sandglass.close();
  delete process.env.TMPDIR;
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  before = await everything();
});
afterEach(() => removeEverything(sandglass));

/** Contents of Docker, and the contexts on the host. */
async function everything() {
  const kept = (await readdir(folder)).filter((name) => name.startsWith('sandglass-build-'));
  return { ...(await contentsOf(dockerItself())), kept };
}

async function archive(files: Record<string, string>): Promise<Buffer> {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) pack.entry({ name }, content);
  pack.finalize();
  return await buffer(Readable.from(pack));
}

interface Answer {
  status: number;
  body: { id: string; status: string; detail: Array<{ loc: string[]; msg: string }> };
}

async function build(query: Record<string, string>, body: Buffer | Readable): Promise<Answer> {
  const response = await fetch(`${api.endpoint}/snapshots/build?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { 'X-Api-Key': API_KEY },
    body: body as unknown as BodyInit,
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function logOf(snapshot: string, query = ''): Promise<Response> {
  return await fetch(`${api.endpoint}/snapshots/${encodeURIComponent(snapshot)}/log${query}`, {
    headers: { 'X-Api-Key': API_KEY },
  });
}

const dockerfile = `FROM ${TEST_IMAGE} AS first
ARG GREETING=none
COPY . /src/
RUN echo "$GREETING" > /greeting && echo "said by the build"

FROM first
RUN echo second > /second
`;

it('builds with arguments, target, labels and run configuration, and keeps its log', async () => {
  const context = await archive({
    './docker/Build.file': dockerfile,
    'kept.txt': 'kept',
    'left/out.txt': 'out',
    'left/but/in.txt': 'in',
    '.dockerignore': 'left\n!left/but/in.txt\n',
  });
  const { status, body } = await build(
    {
      name: 'team/built',
      tag: 'v1',
      dockerfile: 'docker/Build.file',
      target: 'first',
      build_args: JSON.stringify({ GREETING: '"hello" & $HOME' }),
      labels: JSON.stringify({ team: 'x' }),
      run_config: JSON.stringify({ work_dir: '/src', env_vars: { MODE: 'test' } }),
      fs_capacity_bytes: String(1024 ** 3),
      description: 'Built here.',
    },
    // Chunked, as from a program that does not know the length.
    Readable.from([context.subarray(0, 700), context.subarray(700)]),
  );
  expect(status).toBe(201);
  // The call waits for a build that ends quickly.
  expect(['building', 'ready']).toContain(body.status);
  const snapshot = await client.waitForSnapshot(body.id, { pollInterval: 0.1 });
  expect(snapshot).toMatchObject({
    name: 'team/built',
    tags: ['v1'],
    labels: { team: 'x' },
    description: 'Built here.',
    fs_capacity_bytes: 1024 ** 3,
    run_config: { work_dir: '/src', env_vars: { MODE: 'test' } },
  });
  const said = await logOf('team/built:v1');
  expect(said.headers.get('content-type')).toContain('text/plain');
  expect(await said.text()).toContain('said by the build');
  const box = await client.createSandbox(snapshot.id);
  const { stdout } = await box.run('cat /greeting; find . -type f | sort; ls /second 2>&1');
  expect(stdout).toContain(
    '"hello" & $HOME\n./.dockerignore\n./docker/Build.file\n./kept.txt\n./left/but/in.txt\n',
  );
  expect(stdout).toContain('No such file');
  await removeEverything(sandglass);
  await eventually(async () => JSON.stringify(await everything()) === JSON.stringify(before));
});

it('accepts a gzipped context', async () => {
  const context = gzipSync(await archive({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN true\n` }));
  const { body } = await build({ name: 'zipped' }, context);
  expect((await client.waitForSnapshot(body.id, { pollInterval: 0.1 })).status).toBe('ready');
});

describe('a log that is followed', () => {
  it('is streamed during the build, and ends with it', async () => {
    const context = await archive({
      Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo begun; sleep 1000\n`,
    });
    const { body } = await build({ name: 'slow' }, context);
    let text = '';
    const decoder = new TextDecoder();
    const { tasks } = sandglass.operations;
    const log = await logOf(body.id, '?follow=true');
    for await (const chunk of log.body as unknown as AsyncIterable<Uint8Array>) {
      const hadBegun = /^begun$/m.test(text);
      text += decoder.decode(chunk, { stream: true });
      if (hadBegun || !/^begun$/m.test(text)) continue;
      const task = (await tasks.list()).find(({ snapshotId }) => snapshotId === body.id);
      expect(task?.state).toBe('running');
      await tasks.cancel({ id: task?.id ?? '' });
    }
    expect(text).toContain('Step 2/');
    const failed = await thrownBy(client.waitForSnapshot(body.id));
    expect(failed).toBeInstanceOf(LangSmithResourceCreationError);
    expect(failed.message).toContain('cancelled');
    await eventually(async () => JSON.stringify(await everything()) === JSON.stringify(before));
  });

  it('is not found for an unknown snapshot', async () => {
    expect((await logOf('nothing')).status).toBe(404);
  });
});

it('a failed build keeps its log and leaves nothing else behind', async () => {
  const context = await archive({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo fine > /fine\nRUN echo "the reason"; exit 3\n`,
  });
  const { body } = await build({ name: 'failing' }, context);
  const failed = await thrownBy(client.waitForSnapshot(body.id, { pollInterval: 0.1 }));
  expect(failed).toBeInstanceOf(LangSmithResourceCreationError);
  expect(failed.message).toContain('returned a non-zero code: 3');
  expect(await (await logOf(body.id, '?follow=true')).text()).toContain('the reason');
  await eventually(async () => JSON.stringify(await everything()) === JSON.stringify(before));
});

describe('an invalid build is refused with the field, and leaves nothing behind', () => {
  const cases: Array<[string, Record<string, string>, () => Promise<Buffer>, string]> = [
    ['no context at all', { name: 'x' }, async () => Buffer.alloc(0), 'dockerfile'],
    ['no archive', { name: 'x' }, async () => Buffer.alloc(5000, 'x'), 'context'],
    [
      'half an archive',
      { name: 'x' },
      async () => (await archive({ a: 'x'.repeat(4000) })).subarray(0, 2000),
      'context',
    ],
    [
      'half a gzipped one',
      { name: 'x' },
      async () => gzipSync(await archive({ Dockerfile: dockerfile })).subarray(0, 60),
      'context',
    ],
    [
      'another Dockerfile',
      { name: 'x', dockerfile: 'y' },
      async () => archive({ a: '' }),
      'dockerfile',
    ],
    ['a bad name', { name: 'Not A Name' }, async () => archive({ Dockerfile: dockerfile }), 'name'],
    ['no name', {}, async () => archive({ Dockerfile: dockerfile }), 'name'],
    [
      'arguments that are no JSON',
      { name: 'x', build_args: 'A=1' },
      async () => archive({ Dockerfile: dockerfile }),
      'build_args',
    ],
  ];
  it.each(cases)('%s', async (_what, query, context, field) => {
    const { status, body } = await build(query, await context());
    expect(status).toBe(422);
    expect(body.detail[0]?.loc.at(-1)).toBe(field);
    expect(await client.listSnapshots()).toEqual([]);
    expect(await everything()).toEqual(before);
  });
});
