import { once } from 'node:events';
import type { Sandbox } from 'langsmith/sandbox';
import { SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { API_KEY, apiOfThisFile, ask, thrownBy } from '../../support/api';
import { sdksWithoutWs } from '../../support/clients';
import { buildSnapshot, removeEverything } from '../../support/engine';

const api = apiOfThisFile();
const bare = await sdksWithoutWs();
afterAll(() => bare.remove());

/** One sandbox for all: commands do not affect each other. */
const NAME = 'worker';
beforeAll(async () => {
  await buildSnapshot(api.sandglass.operations);
  await new SandboxClient(api.config).createSandbox({ name: NAME, snapshotName: 'base' });
});
afterAll(() => removeEverything(api.sandglass));

describe('an image without bash', () => {
  const notice = 'The image has no /bin/bash: /bin/sh runs the command.';

  it('uses its own shell, and the response has a notice', async () => {
    const usual = await ask(api, 'POST', `/${NAME}/execute`, { command: 'echo $0' });
    expect(usual.body).toEqual({ stdout: '/bin/sh\n', stderr: '', exit_code: 0 });
    expect(usual.headers.get('x-sandglass-notice')).toBe(notice);
    const chosen = { command: 'echo $0', shell: '/bin/ash' };
    const other = await ask(api, 'POST', `/${NAME}/execute`, chosen);
    expect(other.headers.get('x-sandglass-notice')).toBeNull();
  });

  it('has a notice in the first frame of a WebSocket', async () => {
    const url = `${api.address.replace('http', 'ws')}/v2/sandboxes/${NAME}/execute/ws`;
    const socket = new WebSocket(url, { headers: { 'x-api-key': API_KEY } });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'execute', command: 'true' }));
    const [first] = await once(socket, 'message');
    expect(JSON.parse(String(first))).toMatchObject({ type: 'started', notice });
    socket.close();
  });
});

describe('fields of the newest client for commands', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = await new SandboxClient(api.config).getSandbox(NAME);
  });

  it('include a run configuration', async () => {
    const runConfig = { env_vars: { A: 'ä' }, work_dir: '/opt', user: 'app' };
    expect((await box.run('echo $A; pwd; id -un', { runConfig })).stdout).toBe('ä\n/opt\napp\n');
    const nobody = await thrownBy(box.run('true', { runConfig: { user: 'nobody-at-all' } }));
    expect(nobody.message).toContain('nobody-at-all');
    const relative = await thrownBy(box.run('true', { runConfig: { work_dir: 'opt' } }));
    expect(relative.message).toContain('work_dir');
    expect(relative).toMatchObject({ operation: 'command' });
  });

  it('include an input that ends at once unless kept open', async () => {
    expect((await box.run('cat; echo end')).stdout).toBe('end\n');
    const handle = await box.run('cat', { wait: false, closeInput: false });
    handle.sendInput('ünd ');
    handle.sendInput('so\n');
    handle.closeInput();
    expect((await handle.result).stdout).toBe('ünd so\n');
    expect(() => handle.sendInput('late')).toThrow('stdin is closed');
  });
});

describe('without ws', () => {
  it.each(bare.sdks)('langsmith $version reports that streaming needs ws', async ({ connect }) => {
    const box = await connect(api.config).getSandbox(NAME);
    expect((await thrownBy(box.run('true', { wait: false }))).message).toContain("'ws' package");
  });

  it('a command’s input is closed', async () => {
    for (const { connect } of bare.sdks) {
      const box = await connect(api.config).getSandbox(NAME);
      expect((await box.run('cat; echo end')).stdout).toBe('end\n');
    }
  });
});

describe('a command with an invalid field is refused, naming the field', () => {
  it.each([
    [{ command: '' }, 'command'],
    [{ command: 'true', timeout: -1 }, 'timeout'],
    [{ command: 'true', cwd: 'x'.repeat(4097) }, 'cwd'],
    [{ command: 'true', env: { 'A=B': 'c' } }, 'A=B'],
  ])('%o', async (body, field) => {
    const { status, body: answer } = await ask(api, 'POST', `/${NAME}/execute`, body);
    expect({ status, answer }).toMatchObject({
      status: 422,
      answer: { detail: { error: 'CommandError', message: expect.stringContaining(field) } },
    });
  });
});
