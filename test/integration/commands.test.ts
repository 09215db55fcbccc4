import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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
  // The whole file shares one sandbox: commands leave no state that another one sees.
  ({ sandglass, operations } = await openShared());
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

async function openShared() {
  const opened = await openEngine({ keepOpen: true });
  await buildSnapshot(opened.operations);
  await bootSandbox(opened.operations, { name: 'box', snapshotName: 'base' });
  return { sandglass: opened, operations: opened.operations };
}

const run = (input: Omit<Parameters<typeof operations.sandboxes.run>[0], 'sandbox'>) =>
  operations.sandboxes.run({ sandbox: 'box', ...input });

describe('a command', () => {
  it('returns stdout, stderr and the exit code apart', async () => {
    expect(await run({ command: 'echo out; echo err >&2; exit 3' })).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
    });
  });

  it('as an argument vector is not seen by a shell', async () => {
    const { stdout } = await run({ command: ['echo', '$HOME; "x"', '*'] });
    expect(stdout).toBe('$HOME; "x" *\n');
  });

  it('reads its standard input to the end', async () => {
    expect((await run({ command: 'cat; echo end', stdin: 'é漢\n' })).stdout).toBe('é漢\nend\n');
    expect((await run({ command: 'cat' })).stdout).toBe('');
  });

  it('gets its environment and folder', async () => {
    const { stdout } = await run({ command: 'echo $A; pwd', env: { A: 'b=c d' }, cwd: '/opt' });
    expect(stdout).toBe('b=c d\n/opt\n');
  });

  it('returns a large output whole', async () => {
    const { stdout } = await run({ command: 'seq 1 300000' });
    expect(stdout.length).toBe(1_988_895);
    expect(stdout.endsWith('300000\n')).toBe(true);
  });

  it('may leave a server running', async () => {
    await run({ command: '(sleep 1234 >/dev/null 2>&1 &)' });
    expect((await run({ command: 'ps' })).stdout).toContain('sleep 1234');
    await run({ command: 'pkill -f "sleep 1234"' });
  });
});

describe('a command that cannot go on', () => {
  it('is killed at its timeout with everything it started', async () => {
    const refused = await refusal(
      run({ command: 'setsid sleep 4321 & sleep 4321', timeoutSeconds: 1 }),
    );
    expect(refused).toMatchObject({
      code: 'command_timeout',
      message: 'The command did not end within 1 s and was killed.',
    });
    expect((await run({ command: 'ps' })).stdout).not.toContain('sleep 4321');
  });

  it('is killed when the caller gives up', async () => {
    const abort = new AbortController();
    const running = operations.sandboxes.run(
      { sandbox: 'box', command: 'sleep 5432' },
      { signal: abort.signal },
    );
    const outcome = running.catch((thrown: unknown) => thrown);
    onTestFinished(() => abort.abort());
    await expect.poll(async () => (await run({ command: 'ps' })).stdout).toContain('sleep 5432');
    abort.abort();
    await outcome;
    await expect
      .poll(async () => (await run({ command: 'ps' })).stdout)
      .not.toContain('sleep 5432');
  });

  it('names a folder that does not exist', async () => {
    expect(await refusal(run({ command: 'pwd', cwd: '/nope' }))).toMatchObject({
      code: 'invalid_input',
      field: 'cwd',
      message: 'The folder /nope does not exist.',
    });
  });

  it('names a user that does not exist', async () => {
    expect(await refusal(run({ command: 'id', user: 'nobody-here' }))).toMatchObject({
      code: 'invalid_input',
      field: 'user',
    });
  });

  it('that is not there ends with 127, as in a shell', async () => {
    expect(await run({ command: ['no-such-program'] })).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining('no-such-program'),
    });
    expect((await run({ command: 'no-such-program' })).exitCode).toBe(127);
  });

  it.each([
    [{ command: '' }, 'command'],
    [{ command: 'true', timeoutSeconds: 0 }, 'timeoutSeconds'],
    [{ command: 'true', cwd: 'relative' }, 'cwd'],
    [{ command: 'true', env: { 'A=B': 'c' } }, 'env.A=B'],
  ])('is refused as %j', async (input, field) => {
    expect(await refusal(run(input))).toMatchObject({ code: 'invalid_input', field });
  });
});
