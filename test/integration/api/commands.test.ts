import { SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { apiOfThisFile, thrownBy } from '../../support/api';
import { type AnySandbox, bothSdks, type Sdk, sdksWithoutWs } from '../../support/clients';
import { buildSnapshot, eventually, removeEverything } from '../../support/engine';

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

/** Records the paths of a client's HTTP requests, WebSockets excluded. */
function watchRequests(): string[] {
  const paths: string[] = [];
  const fetched = vi.spyOn(globalThis, 'fetch');
  fetched.mockImplementation(async (input, init) => {
    paths.push(new URL(String(input)).pathname.split('/').at(-1) ?? '');
    return await realFetch(input, init);
  });
  onTestFinished(() => fetched.mockRestore());
  return paths;
}
const realFetch = globalThis.fetch;

const roads: Array<Sdk & { road: string }> = [
  ...bothSdks.map((sdk) => ({ ...sdk, road: 'over a WebSocket' })),
  ...bare.sdks.map((sdk) => ({ ...sdk, road: 'without ws, over HTTP' })),
];

describe.each(roads)('a command of langsmith $version $road', ({ road, module, connect }) => {
  let box: AnySandbox;
  beforeAll(async () => {
    box = await connect(api.config).getSandbox(NAME);
  });

  it('uses that transport', async () => {
    const requests = watchRequests();
    expect((await box.run('echo there')).stdout).toBe('there\n');
    expect(requests).toEqual(road.includes('HTTP') ? ['execute'] : []);
  });

  it('returns separate outputs, byte for byte, and its exit code', async () => {
    const result = await box.run('echo hi; echo "é €🙂" >&2; printf "no newline"; exit 3');
    expect(result).toEqual({ stdout: 'hi\nno newline', stderr: 'é €🙂\n', exit_code: 3 });
    expect(await box.run('true')).toEqual({ stdout: '', stderr: '', exit_code: 0 });
    expect((await box.run('no-such-command')).exit_code).toBe(127);
    expect((await box.run('kill -9 $$')).exit_code).toBe(137);
  });

  it('gets its environment and working directory', async () => {
    const result = await box.run('echo "$A|$B"; pwd', {
      env: { A: 'ä "q"', B: '$x' },
      cwd: '/etc',
    });
    expect(result.stdout).toBe('ä "q"|$x\n/etc\n');
  });

  it('runs in the requested shell', async () => {
    expect((await box.run('echo $0', { shell: '/bin/ash' })).stdout).toBe('/bin/ash\n');
    const missing = await box.run('true', { shell: '/bin/zsh' });
    expect(missing.exit_code).toBe(127);
    expect(missing.stderr).toContain('/bin/zsh');
  });

  it('is refused with an unknown working directory', async () => {
    const missing = await thrownBy(box.run('true', { cwd: '/nowhere' }));
    expect(missing).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(missing).toMatchObject({ operation: 'command' });
    expect(missing.message).toContain('/nowhere');
    const bad = await thrownBy(box.run('true', { env: { 'A=B': 'x' } }));
    expect(bad).toBeInstanceOf(module.LangSmithSandboxError);
    expect(bad.message).toContain('environment variable');
  });

  it('is killed with all processes that it started at its timeout', async () => {
    const seconds = String(4000 + roads.findIndex((one) => one.road === road));
    const late = await thrownBy(box.run(`sleep ${seconds} & sleep ${seconds}`, { timeout: 1 }));
    expect(late).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(late).toMatchObject({ operation: 'command' });
    // The server's message: the client would wait for ten seconds longer.
    expect(late.message).toContain('did not end within 1 s and was killed');
    await expect
      .poll(async () => (await box.run(`ps | grep "slee[p] ${seconds}" || echo none`)).stdout)
      .toBe('none\n');
  });

  it('finds the files of the previous command', async () => {
    await box.run('echo left > /opt/left');
    expect((await box.run('cat /opt/left')).stdout).toBe('left\n');
  });

  it('may have a large output', async () => {
    const { stdout } = await box.run('seq 1 200000');
    expect(stdout.length).toBe(1_288_894 + 1);
    expect(stdout.endsWith('199999\n200000\n')).toBe(true);
  });
});

describe.each(bothSdks)('a running command, with langsmith $version', ({ module, connect }) => {
  let box: AnySandbox;
  beforeAll(async () => {
    box = await connect(api.config).getSandbox(NAME);
  });

  it('is streamed in chunks with byte offsets, without splitting characters', async () => {
    const command = 'i=0; while [ $i -lt 400 ]; do printf "äöü€🙂"; i=$((i+1)); done; sleep 0.2';
    const handle = await box.run(command, { wait: false });
    let at = 0;
    let all = '';
    for await (const { stream, offset, data } of handle) {
      expect({ stream, offset }).toEqual({ stream: 'stdout', offset: at });
      at += Buffer.byteLength(data);
      all += data;
    }
    expect(all).toBe('äöü€🙂'.repeat(400));
    expect(handle.lastStdoutOffset).toBe(at);
    expect(handle.lastStderrOffset).toBe(0);
    expect(handle.pid).toBeGreaterThan(0);
    expect(handle.commandId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await handle.result).toEqual({ stdout: all, stderr: '', exit_code: 0 });
  });

  it('calls back with each chunk of its outputs', async () => {
    const said = { out: '', err: '' };
    const result = await box.run('echo one; echo two >&2; sleep 0.1; echo three', {
      onStdout: (data) => {
        said.out += data;
      },
      onStderr: (data) => {
        said.err += data;
      },
    });
    expect(said).toEqual({ out: 'one\nthree\n', err: 'two\n' });
    expect(result).toEqual({ stdout: said.out, stderr: said.err, exit_code: 0 });
  });

  it('reads input as it arrives', async () => {
    const handle = await box.run('read a; echo "got $a"; read b; echo "and $b"', { wait: false });
    // The older version never closes a command's input; the newer one does by default.
    if (!('closeInput' in handle)) {
      handle.sendInput('first\n');
      handle.sendInput('sécond\n');
      expect((await handle.result).stdout).toBe('got first\nand sécond\n');
    } else {
      expect(() => handle.sendInput('late')).toThrow(module.LangSmithSandboxOperationError);
      expect((await handle.result).stdout).toBe('got \nand \n');
    }
  });

  it('is killed by its handle', async () => {
    const handle = await box.run('echo started; sleep 1000', { wait: false });
    for await (const chunk of handle) if (chunk.data.includes('started')) handle.kill();
    expect((await handle.result).exit_code).toBe(137);
  });

  it('throws its own class at its timeout', async () => {
    const late = await thrownBy(box.run('sleep 1000', { timeout: 1 }));
    expect(late).toBeInstanceOf(module.LangSmithCommandTimeoutError);
    expect(late).toMatchObject({ operation: 'command', errorType: 'CommandTimeout' });
  });

  it('has no limit with a timeout of 0', async () => {
    expect((await box.run('sleep 1.5; echo done', { timeout: 0 })).stdout).toBe('done\n');
  });

  it('is never started twice with one id, and is replayed from any offset', async () => {
    const commandId = crypto.randomUUID();
    const command = `echo run >> /opt/runs-${commandId}; sleep 0.5; echo döne; echo e >&2`;
    const [first, second] = await Promise.all([
      box.run(command, { commandId }),
      box.run(command, { commandId }),
    ]);
    expect(first).toEqual({ stdout: 'döne\n', stderr: 'e\n', exit_code: 0 });
    expect(second).toEqual(first);
    expect(await (await box.reconnect(commandId)).result).toEqual(first);
    const rest = await box.reconnect(commandId, { stdoutOffset: 3, stderrOffset: 2 });
    expect(await rest.result).toEqual({ stdout: 'ne\n', stderr: '', exit_code: 0 });
    expect(await (await rest.reconnect()).result).toMatchObject({ stdout: '', exit_code: 0 });
    expect((await box.run(`cat /opt/runs-${commandId}`)).stdout).toBe('run\n');
  });

  it('unknown and expired are different errors', async () => {
    const unknown = await thrownBy((await box.reconnect('nothing-of-that-name')).result);
    expect(unknown).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(unknown).toMatchObject({ operation: 'reconnect', errorType: 'CommandNotFound' });
    const commandId = crypto.randomUUID();
    await box.run('true', { commandId, ttlSeconds: 0 });
    const expired = await eventually(async () => {
      const again = await box.reconnect(commandId);
      return await again.result.then(
        () => null,
        (thrown: unknown) => thrown,
      );
    });
    expect(expired).toMatchObject({ operation: 'reconnect', errorType: 'SessionExpired' });
  });

  it('is killed with its caller if requested', async () => {
    const commandId = crypto.randomUUID();
    const handle = await box.run('echo up; sleep 1000', {
      wait: false,
      commandId,
      killOnDisconnect: true,
    });
    // The end of the loop closes the connection.
    for await (const _ of handle) break;
    const ended = await (await box.reconnect(commandId)).result;
    expect(ended.exit_code).toBe(137);
  });

  it('without a reader is killed after the requested time', async () => {
    const commandId = crypto.randomUUID();
    const options = { commandId, idleTimeout: 1 };
    const handle = await box.run('echo up; sleep 7333', { wait: false, ...options });
    for await (const _ of handle) break;
    // A reader that reconnects sooner keeps it running.
    await expect
      .poll(async () => (await box.run('ps | grep "slee[p] 7333" || echo none')).stdout)
      .toBe('none\n');
    const again = await box.reconnect(commandId);
    const outcome = await again.result.catch((thrown: unknown) => thrown);
    expect(outcome).toBeInstanceOf(module.LangSmithCommandTimeoutError);
  });

  it('with a terminal has one, and ends with its input', async () => {
    const handle = await box.run('test -t 0 && echo terminal; cat', { wait: false, pty: true });
    handle.sendInput('\u0004');
    const { stdout, stderr } = await handle.result;
    expect(stdout).toContain('terminal\r\n');
    expect(stderr).toBe('');
  });
});
