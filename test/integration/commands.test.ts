import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CommandSession, runToEnd } from '../../electron/engine/commands';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { openCommand, runInSandbox, type SandboxCommand } from '../support/runInSandbox';

let sandglass: Engine;
beforeAll(async () => {
  // One sandbox for the whole file: commands do not affect each other.
  sandglass = await openTestEngine({ keepOpen: true });
  await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { name: 'box', snapshotName: 'base' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

type Input = Omit<SandboxCommand, 'sandbox'>;
const run = (input: Input) => runInSandbox(sandglass, { sandbox: 'box', ...input });

describe('a command', () => {
  it('returns stdout, stderr and the exit code separately', async () => {
    expect(await run({ command: 'echo out; echo err >&2; exit 3' })).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
    });
  });

  it('with an argument vector runs without a shell', async () => {
    const { stdout } = await run({ command: ['echo', '$HOME; "x"', '*'] });
    expect(stdout).toBe('$HOME; "x" *\n');
  });

  it('reads its standard input to the end', async () => {
    expect((await run({ command: 'cat; echo end', stdin: 'é漢\n' })).stdout).toBe('é漢\nend\n');
    expect((await run({ command: 'cat' })).stdout).toBe('');
  });

  it('gets its environment and working directory', async () => {
    const { stdout } = await run({ command: 'echo $A; pwd', env: { A: 'b=c d' }, cwd: '/opt' });
    expect(stdout).toBe('b=c d\n/opt\n');
  });

  it('returns a large output in full', async () => {
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

describe('a streamed command', () => {
  const open = (input: Input) => openCommand(sandglass, { sandbox: 'box', ...input });
  async function* read(session: CommandSession) {
    yield* session.read({ stdout: 0, stderr: 0 });
  }

  it('sends its output while it runs, and its exit code last', async () => {
    const events: string[] = [];
    // It continues only after its first output was received.
    const command =
      'rm -f /opt/go; echo 1; until [ -e /opt/go ]; do sleep 0.1; done; echo 2 >&2; exit 5';
    const session = await open({ command });
    for await (const event of read(session)) {
      events.push('end' in event ? JSON.stringify(event.end) : event.stream);
      if ('stream' in event && event.stream === 'stdout') await run({ command: 'touch /opt/go' });
    }
    expect(events).toEqual(['stdout', 'stderr', '{"exitCode":5}']);
    expect(session.outcome).toEqual({ exitCode: 5 });
  });

  it('can be killed with all processes that it started', async () => {
    const session = await open({
      command: 'trap "" TERM INT; (sleep 6543 &) ; echo up; sleep 6543',
    });
    await expect.poll(async () => (await run({ command: 'ps' })).stdout).toContain('sleep 6543');
    const result = runToEnd(session);
    await session.kill();
    expect(await result).toMatchObject({ stdout: 'up\n', exitCode: 137 });
    expect((await run({ command: 'ps' })).stdout).not.toContain('sleep 6543');
  });

  it('ends when its reader disconnects', async () => {
    const session = await open({ command: 'while :; do echo on; sleep 0.1; done' });
    for await (const event of read(session)) if ('stream' in event) break;
    await expect.poll(async () => (await run({ command: 'ps' })).stdout).not.toContain('echo on');
  });

  it('streams 128 MB unchanged, in constant memory', async () => {
    const size = 128 * 1024 ** 2;
    await run({ command: `head -c ${size} /dev/urandom > /opt/big` });
    const { stdout } = await run({ command: 'sha256sum < /opt/big' });
    const hash = createHash('sha256');
    const before = process.memoryUsage().rss;
    let most = before;
    let length = 0;
    for await (const event of read(await open({ command: 'cat /opt/big' }))) {
      if ('end' in event) continue;
      hash.update(event.bytes);
      length += event.bytes.length;
      most = Math.max(most, process.memoryUsage().rss);
      // A reader slower than the writer: unread output must not accumulate.
      if (length % (1 << 20) < event.bytes.length) await new Promise((go) => setTimeout(go, 5));
    }
    expect(length).toBe(size);
    expect(stdout.split(' ')[0]).toBe(hash.digest('hex'));
    // Garbage collection is late on a busy machine.
    expect(most - before).toBeLessThan((size * 3) / 4);
    await run({ command: 'rm /opt/big' });
  });

  it('keeps binary output, and characters split between chunks', async () => {
    const chunks: Uint8Array[] = [];
    const command = "printf '\\303'; sleep 0.3; printf '\\251\\000\\377'";
    for await (const event of read(await open({ command }))) {
      if ('stream' in event && event.stream === 'stdout') chunks.push(event.bytes);
    }
    expect([...Buffer.concat(chunks)]).toEqual([0xc3, 0xa9, 0, 0xff]);
    expect((await run({ command: "printf '\\303'; sleep 0.3; printf '\\251'" })).stdout).toBe('é');
  });
});

it('two hundred concurrent commands each return their own output', async () => {
  const all = Array.from({ length: 200 }, (_, i) => run({ command: `echo ${i}; exit ${i % 100}` }));
  const results = await Promise.all(all);
  expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual(
    results.map((_, i) => [`${i}\n`, i % 100]),
  );
});

describe('a command that cannot continue', () => {
  it('is killed at its timeout with all processes that it started', async () => {
    const refused = await refusal(
      run({ command: 'setsid sleep 4321 & sleep 4321', timeoutSeconds: 1 }),
    );
    expect(refused).toMatchObject({
      code: 'command_timeout',
      message: 'The command did not end within 1 s and was killed.',
    });
    expect((await run({ command: 'ps' })).stdout).not.toContain('sleep 4321');
  });

  it.each([
    ['another user than root', { user: 'app', command: '(sleep 4322 &); sleep 4322' }],
    ['root, and by it as another user', { command: 'su app -c "sleep 4322" & sleep 4322' }],
  ])('is killed as %s', async (_who, input) => {
    expect(await refusal(run({ ...input, timeoutSeconds: 1 }))).toMatchObject({
      code: 'command_timeout',
    });
    expect((await run({ command: 'ps' })).stdout).not.toContain('sleep 4322');
  });

  it('is killed when the caller aborts', async () => {
    const abort = new AbortController();
    const input = { sandbox: 'box', command: 'sleep 5432' };
    const running = runInSandbox(sandglass, input, abort.signal);
    const outcome = running.catch((thrown: unknown) => thrown);
    onTestFinished(() => abort.abort());
    await expect.poll(async () => (await run({ command: 'ps' })).stdout).toContain('sleep 5432');
    abort.abort();
    await outcome;
    await expect
      .poll(async () => (await run({ command: 'ps' })).stdout)
      .not.toContain('sleep 5432');
  });

  it('reports a working directory that does not exist', async () => {
    expect(await refusal(run({ command: 'pwd', cwd: '/nope' }))).toMatchObject({
      code: 'invalid_input',
      field: 'cwd',
      message: 'The folder /nope does not exist.',
    });
  });

  it('reports a user that does not exist', async () => {
    expect(await refusal(run({ command: 'id', user: 'nobody-here' }))).toMatchObject({
      code: 'invalid_input',
      field: 'user',
    });
  });

  it('that does not exist ends with 127, as in a shell', async () => {
    expect(await run({ command: ['no-such-program'] })).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining('no-such-program'),
    });
    expect((await run({ command: 'no-such-program' })).exitCode).toBe(127);
  });

  it('reports a relative working directory that does not exist', async () => {
    expect(await refusal(run({ command: 'true', cwd: 'relative' }))).toMatchObject({
      code: 'invalid_input',
      field: 'cwd',
    });
  });
});
