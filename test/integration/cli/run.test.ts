import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { openApi } from '../../support/api';
import { buildCli, cliEnv, endOf, runCli, startCli } from '../../support/cli';
import { startCuttingProxy } from '../../support/cuttingProxy';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { runInSandbox } from '../../support/runInSandbox';

/** `sandglass run`, as users of `docker exec -i` expect it. */

const BOX = 'box';
let sandglass: Engine;
let api: ApiServer;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  env = cliEnv(api.address);
  const { id } = await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { snapshotId: id, name: BOX });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

const run = (args: string[], input?: string | Buffer) => runCli(env, ['run', ...args], input);
/** Through the engine, not the CLI under test. */
const inBox = async (command: string) =>
  (await runInSandbox(sandglass, { sandbox: BOX, command })).stdout.trim();
const running = async (name: string) =>
  await inBox(`ps -o args | grep '[${name[0]}]${name.slice(1)}' || true`);

describe('a command', () => {
  it('has its own stdout, stderr and exit code', async () => {
    const end = await run([BOX, 'echo out; echo err >&2; exit 7']);
    expect(end).toMatchObject({ code: 7, out: 'out\n', err: 'err\n' });
  });

  it('is a shell command if it is one argument, and a vector if several', async () => {
    const line = await run([BOX, 'echo $((1+2)) | tr 3 4']);
    expect(line.out).toBe('4\n');
    const vector = await run([BOX, 'echo', '$HOME', '-n', '--json']);
    expect(vector.out).toBe('$HOME -n --json\n');
    const one = await run([BOX, '--', 'echo hello']);
    expect(one.code).toBe(127);
  });

  it('accepts a working directory, variables and a user', async () => {
    const end = await run([
      ...['-w', '/opt', '-e', 'A=b c', '-u', 'app', BOX],
      'pwd; echo "$A"; id -un',
    ]);
    expect(end.out).toBe('/opt\nb c\napp\n');
  });

  it('that cannot be run exits with code 125', async () => {
    for (const args of [
      ['nobody', 'true'],
      ['-w', '/none', BOX, 'true'],
      ['-u', 'none', BOX, 'true'],
    ]) {
      const { code, out, err } = await run(args);
      expect({ code, out }).toEqual({ code: 125, out: '' });
      expect(err).toMatch(/^sandglass: .+\n$/);
    }
  });

  it('that takes too long is killed, and exits with code 124', async () => {
    const { code, err } = await run(['--timeout', '1s', BOX, 'sleep 4711']);
    expect(code).toBe(124);
    expect(err).toContain('within 1 s');
    await expect.poll(() => running('sleep 4711')).toBe('');
  });

  it('prints all as JSON', async () => {
    const { code, out } = await run(['--json', BOX, 'echo ä; echo e >&2; exit 3']);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toEqual({ exit_code: 3, stdout: 'ä\n', stderr: 'e\n' });
  });
});

describe('pipes', () => {
  it('transfer any bytes in both directions', async () => {
    const bytes = randomBytes(3_000_000);
    const stored = await run([BOX, 'cat > /opt/big'], bytes);
    expect(stored.code).toBe(0);
    expect((await inBox('sha256sum /opt/big')).split(' ')[0]).toBe(sha256(bytes));
    const through = await run([BOX, '--', 'cat'], bytes);
    expect(sha256(through.stdout)).toBe(sha256(bytes));
  });

  it('lose and repeat nothing when the connection is reset', async () => {
    let left = 12;
    const proxy = await startCuttingProxy(api.port, () => {
      left -= 1;
      return left < 0 ? null : { afterBytes: 150_000, how: left % 2 ? 'abrupt' : 'going away' };
    });
    const bytes = randomBytes(4_000_000);
    const through = await runCli(cliEnv(proxy.address), ['run', BOX, '--', 'cat'], bytes);
    expect(through).toMatchObject({ code: 0, err: '' });
    expect(proxy.cuts()).toBeGreaterThan(5);
    expect(sha256(through.stdout)).toBe(sha256(bytes));
  });

  it('end when the input ends, and can be disabled', async () => {
    const counted = await run([BOX, 'wc -c'], 'four');
    expect(counted.out.trim()).toBe('4');
    const without = await startCli(env, ['run', '-n', BOX, 'wc -c']);
    expect((await endOf(without)).out.trim()).toBe('0');
  });

  it('do not wait for unread input', async () => {
    const endless = await startCli(env, ['run', BOX, 'exit 5']);
    const feeding = spawn('yes', { stdio: ['ignore', 'pipe', 'ignore'] });
    endless.stdin.on('error', () => feeding.kill());
    feeding.stdout.pipe(endless.stdin);
    expect((await endOf(endless)).code).toBe(5);
    feeding.kill();
  });

  it('end the command when the reader closes', async () => {
    const line = `${[...(await buildCli()), 'run', BOX].map(quoted).join(' ')} yes | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    expect(await endOf(shell)).toMatchObject({ out: 'y\n141\n', err: '' });
    await eventually(async () => (await running('yes')) === '');
  });

  it('transfer 100 MB in both directions in constant memory', async () => {
    const megabytes = 100;
    const out = await startCli(env, ['run', BOX, `head -c ${megabytes}000000 /dev/zero`]);
    const back = await startCli(env, ['run', BOX, 'cat > /dev/null; sleep 0']);
    const peak = { out: 0, back: 0, server: 0 };
    const before = process.memoryUsage().rss;
    const watch = setInterval(async () => {
      peak.out = Math.max(peak.out, await residentBytes(out.pid));
      peak.back = Math.max(peak.back, await residentBytes(back.pid));
      peak.server = Math.max(peak.server, process.memoryUsage().rss - before);
    }, 50);
    out.stdout.pipe(back.stdin);
    const [[code], [backCode]] = await Promise.all([once(out, 'exit'), once(back, 'exit')]);
    clearInterval(watch);
    expect([code, backCode]).toEqual([0, 0]);
    for (const bytes of [peak.out, peak.back]) expect(bytes).toBeGreaterThan(0);
    for (const bytes of Object.values(peak)) expect(bytes).toBeLessThan(250_000_000);
  });

  it('wait for a slow reader', async () => {
    const child = await startCli(env, ['run', BOX, 'seq 1 5000000; echo end >> /opt/slow']);
    child.stdout.pause();
    await eventually(async () => (await running('seq')) !== '');
    // Far more than all buffers hold, so it must wait.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await inBox('cat /opt/slow 2>/dev/null || true')).toBe('');
    const { code, out } = await endOf(child);
    expect(code).toBe(0);
    expect(out.endsWith('\n4999999\n5000000\n')).toBe(true);
    expect(out.length).toBe(38_888_896);
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 'INT'],
    ['SIGTERM', 'TERM'],
  ] as const)('%s reaches the command, which may end as it likes', async (signal, name) => {
    const child = await startCli(env, [
      ...['run', BOX],
      `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.1; done`,
    ]);
    await once(child.stdout, 'readable');
    child.kill(signal);
    expect(await endOf(child)).toMatchObject({ code: 9, out: `ready\ngot ${name}\n` });
  });

  it('the second one kills a command that ignores the first', async () => {
    const child = await startCli(env, [
      'run',
      BOX,
      "trap 'echo heard' INT; echo ready; while :; do sleep 0.4712; done",
    ]);
    let said = '';
    const ended = once(child, 'close');
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await eventually(async () => said === 'ready\n');
    child.kill('SIGINT');
    // Two signals in quick succession count as one, so the first must be handled before.
    await eventually(async () => said === 'ready\nheard\n');
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await ended).toEqual([137, null]);
    await expect.poll(() => running('sleep 0.4712')).toBe('');
  });

  it('one that cannot be forwarded ends the command too', async () => {
    const child = await startCli(env, ['run', BOX, 'echo ready; sleep 4713']);
    await once(child.stdout, 'readable');
    child.kill('SIGKILL');
    await eventually(async () => (await running('sleep 4713')) === '');
  });
});

describe('a detached command', () => {
  it('is listed, read again, and exits with its own code', async () => {
    const started = await run(['-d', BOX, 'echo begun; sleep 1; echo done; exit 6']);
    const id = started.out.trim();
    const listed = JSON.parse((await runCli(env, ['ps', BOX, '--json'])).out);
    expect(listed[0]).toMatchObject({ command_id: id });
    const newest = await runCli(env, ['logs', BOX]);
    expect(newest).toMatchObject({ code: 6, out: 'begun\ndone\n' });
    const again = await runCli(env, ['logs', BOX, id]);
    expect(again).toMatchObject({ code: 6, out: 'begun\ndone\n' });
    expect((await runCli(env, ['ps', BOX])).out).toContain('ended (6)');
  });

  it('is killed', async () => {
    const id = (await run(['-d', BOX, 'sleep 4714'])).out.trim();
    await expect.poll(() => running('sleep 4714')).not.toBe('');
    expect(await runCli(env, ['kill', BOX, id])).toMatchObject({ code: 0, out: `${id}\n` });
    await expect.poll(() => running('sleep 4714')).toBe('');
  });

  it('that is unknown is an error', async () => {
    const { code, err } = await runCli(env, ['logs', BOX, 'no-such-id']);
    expect(code).toBe(125);
    expect(err).toContain('no-such-id');
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function quoted(word: string): string {
  return `'${word}'`;
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}
