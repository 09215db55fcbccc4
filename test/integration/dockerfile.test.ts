import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Change } from '#shared/contract/events';
import type { Task } from '#shared/contract/tasks';
import { folderContext, openContext } from '../../electron/engine/docker/images/buildContext';
import { Builds } from '../../electron/engine/docker/images/builds';
import { builderLabels } from '../../electron/engine/docker/labels';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  contentsOf,
  dockerItself,
  eventually,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

async function contextWith(files: Record<string, string>): Promise<string> {
  const folder = await freshHome();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function build(
  input: Omit<Parameters<typeof operations.snapshots.build>[0], 'name'>,
): Promise<{ task: Task; log: string; snapshotId: string }> {
  const { snapshot, task } = await operations.snapshots.build({ name: 'built', ...input });
  const ended = await operations.tasks.wait({ id: task.id });
  return {
    task: ended,
    log: (await operations.tasks.log({ id: task.id })).text,
    snapshotId: snapshot.id,
  };
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

it('builds a Dockerfile with its context, arguments and target, and keeps the log', async () => {
  const context = await contextWith({
    'docker/Build.file': dockerfile,
    'kept.txt': 'kept',
    'left/out.txt': 'out',
    '.dockerignore': 'left\n',
  });
  const { task, log, snapshotId } = await build({
    context,
    dockerfile: 'docker/Build.file',
    buildArgs: { GREETING: 'hello' },
    target: 'first',
  });
  expect(task).toMatchObject({ state: 'succeeded', error: null });
  expect(log).toContain('said by the build');
  expect(await operations.snapshots.get({ id: snapshotId })).toMatchObject({
    status: 'ready',
    runConfig: { user: 'app', workDir: '/src', env: { MODE: 'test' } },
  });
  await bootSandbox(operations, { name: 'box', snapshotId });
  const { stdout } = await runInSandbox(sandglass, {
    sandbox: 'box',
    command: 'cat /greeting kept.txt; ls /src; ls /home',
  });
  expect(stdout).toBe('hello\nkeptdocker\nkept.txt\n');
});

it('streams the log to subscribers during the build', async () => {
  const context = await contextWith({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo one; echo two\n` });
  const abort = new AbortController();
  const changes = await operations.events.subscribe(undefined, { signal: abort.signal });
  const heard = { text: '' };
  const hearing = hear(changes, heard);
  const { log } = await build({ context });
  expect(log).toContain('two');
  await expect.poll(() => heard.text).toBe(log);
  abort.abort();
  await hearing;
});

it('fails with the message of the builder, and leaves nothing behind', async () => {
  const before = await contentsOf(dockerItself());
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo fine > /fine\nRUN echo "the reason"; exit 3\n`,
  });
  const { task, log } = await build({ context });
  expect(task).toMatchObject({
    state: 'failed',
    error: {
      code: 'build_failed',
      message: expect.stringContaining('returned a non-zero code: 3'),
    },
  });
  expect(log).toContain('the reason');
  expect((await operations.snapshots.list({})).total).toBe(0);
  expect(await contentsOf(dockerItself())).toEqual(before);
});

it('leaves nothing behind when cancelled during a step', async () => {
  const before = await contentsOf(dockerItself());
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo fine > /fine\nRUN echo begun && sleep 1000\n`,
  });
  const { task } = await operations.snapshots.build({ name: 'built', context });
  await eventually(async () =>
    (await operations.tasks.log({ id: task.id })).text.includes('begun'),
  );
  expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
  await eventually(async () => {
    return JSON.stringify(await contentsOf(dockerItself())) === JSON.stringify(before);
  });
});

it('works with BuildKit as with the classic builder', async () => {
  const context = await contextWith({
    Dockerfile: `FROM ${TEST_IMAGE}\nRUN --mount=type=tmpfs,target=/x echo by-buildkit | tee /by; echo "ERROR: of no account"\n`,
    fails: `FROM ${TEST_IMAGE}\nRUN echo the reason && exit 3\n`,
  });
  const builds = new Builds(dockerItself(), true);
  const spec = async (dockerfile: string) => ({
    files: await (await openContext(folderContext(context), dockerfile))(),
    dockerfile,
    buildArgs: {},
    reference: 'sandglass-test/buildkit:1',
    labels: builderLabels({ home: 'tests', id: 'tests' }),
  });
  let said = '';
  const options = {
    signal: new AbortController().signal,
    onText: (text: string) => {
      said += text;
    },
  };
  await builds.build(await spec('Dockerfile'), options);
  expect(said).toContain('by-buildkit');
  const failed = refusal(builds.build(await spec('fails'), options));
  expect(await failed).toMatchObject({ code: 'build_failed' });
  await dockerItself().getImage('sandglass-test/buildkit:1').remove();
  await dockerItself().pruneBuilder();
});

it('reports a missing folder or Dockerfile', async () => {
  const context = await contextWith({ other: '' });
  expect(await refusal(operations.snapshots.build({ name: 'x', context }))).toMatchObject({
    code: 'invalid_input',
    field: 'dockerfile',
  });
  const nowhere = join(context, 'nowhere');
  expect(await refusal(operations.snapshots.build({ name: 'x', context: nowhere }))).toMatchObject({
    code: 'invalid_input',
    field: 'context',
  });
});

/** Collects all log events until the end of the stream. */
async function hear(changes: AsyncIterable<Change>, heard: { text: string }): Promise<void> {
  try {
    for await (const change of changes) if (change.type === 'task.log') heard.text += change.text;
  } catch {
    // The test aborts the stream.
  }
}
