import { SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { dockerItself, removeEverything, TEST_IMAGE } from '../../support/engine';

/** Run configuration of commands: the image's, overridden by the snapshot's, the sandbox's and the command's. */

const GIB = 1024 ** 3;
const IMAGE = 'sandglass-test/configured:1';
const SHOW = 'echo $A $B $C $D; pwd; id -un';

const api = apiOfThisFile();
let client: SandboxClient;
beforeAll(async () => {
  client = new SandboxClient(api.config);
  const docker = dockerItself();
  const container = await docker.createContainer({ Image: TEST_IMAGE, Cmd: ['/bin/sh'] });
  const [repo, tag] = IMAGE.split(':');
  await container.commit({
    repo,
    tag,
    changes: 'ENV A=image B=image C=image D=image\nWORKDIR /var\nUSER app',
  });
  await container.remove();
});
afterAll(() => dockerItself().getImage(IMAGE).remove());
afterEach(() => removeEverything(api.sandglass));

it('each layer overrides the one below, variable by variable', async () => {
  const plain = await client.createSnapshot('plain', IMAGE, GIB);
  const ofImage = await client.createSandbox(plain.id);
  expect((await ofImage.run(SHOW)).stdout).toBe('image image image image\n/var\napp\n');

  const { id } = await client.createSnapshot('configured', IMAGE, GIB, {
    runConfig: { env_vars: { B: 'snapshot', C: 'snapshot', D: 'snapshot' }, work_dir: '/opt' },
  });
  const ofSnapshot = await client.createSandbox(id);
  expect((await ofSnapshot.run(SHOW)).stdout).toBe('image snapshot snapshot snapshot\n/opt\napp\n');

  const box = await client.createSandbox(id, {
    name: 'box',
    runConfig: { env_vars: { C: 'sandbox', D: 'sandbox' }, user: 'root' },
  });
  expect(box.run_config).toMatchObject({
    user: 'root',
    work_dir: '/opt',
    env_vars: { A: 'image', B: 'snapshot', C: 'sandbox', D: 'sandbox' },
  });
  expect((await box.run(SHOW)).stdout).toBe('image snapshot sandbox sandbox\n/opt\nroot\n');

  const runConfig = { env_vars: { D: 'command' }, work_dir: '/etc', user: 'nobody' };
  expect((await box.run(SHOW, { runConfig })).stdout).toBe(
    'image snapshot sandbox command\n/etc\nnobody\n',
  );
  const deprecated = await box.run(SHOW, { env: { D: 'env' }, cwd: '/tmp' });
  expect(deprecated.stdout).toBe('image snapshot sandbox env\n/tmp\nroot\n');
  expect((await box.run(SHOW)).stdout).toBe('image snapshot sandbox sandbox\n/opt\nroot\n');
});

it('a change is merged, also while the sandbox is stopped', async () => {
  const box = await client.createSandbox({
    name: 'box',
    runConfig: { env_vars: { A: '1', B: '1' }, work_dir: '/opt' },
  });
  const changed = await client.updateSandbox('box', {
    runConfig: { env_vars: { B: '2', C: '2' } },
  });
  expect(changed.run_config).toMatchObject({
    work_dir: '/opt',
    env_vars: { A: '1', B: '2', C: '2' },
  });
  await box.stop();
  await client.updateSandbox('box', { runConfig: { user: 'app', work_dir: '/etc' } });
  await box.start();
  expect((await box.run(SHOW)).stdout).toBe('1 2 2\n/etc\napp\n');
});

it('an invalid one is refused with its field in every call', async () => {
  await client.createSandbox({ name: 'box' });
  const create = (runConfig: object) => client.createSandbox({ runConfig });
  const update = (runConfig: object) => client.updateSandbox('box', { runConfig });
  const build = (runConfig: object) => client.createSnapshot('x', TEST_IMAGE, GIB, { runConfig });
  const capture = (runConfig: object) => client.captureSnapshot('box', 'x', { runConfig });
  for (const call of [create, update, build, capture]) {
    const relative = await thrownBy(call({ work_dir: 'relative/path' }));
    expect(relative).toMatchObject({ name: 'LangSmithValidationError', field: 'work_dir' });
    const env = await thrownBy(call({ env_vars: { 'A=B': 'x' } }));
    expect(env).toMatchObject({ name: 'LangSmithValidationError', field: 'A=B' });
    expect(env.message).toContain('environment variable');
  }
  const run = { command: 'true', run_config: { work_dir: 'relative/path' } };
  const answer = await ask(api, 'POST', '/box/execute', run);
  expect(answer).toMatchObject({ status: 422, body: { detail: { error: 'CommandError' } } });
  expect(JSON.stringify(answer.body)).toContain('work_dir');
});
