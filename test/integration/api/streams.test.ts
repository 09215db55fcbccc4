import { type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import { type Cut, startCuttingProxy } from '../../support/cuttingProxy';
import { asSoonAs, buildSnapshot, openTestEngine, removeEverything } from '../../support/engine';
import { openSocket } from '../../support/executeSocket';
import { randomFrom } from '../../support/random';

/** Commands over connections that are reset, closed or slow, or that send wrong offsets. */

const SEED = Number(process.env.SANDGLASS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`streams: SANDGLASS_TEST_SEED=${SEED}`);

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let box: Sandbox;
let id: string;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY });
  await buildSnapshot(sandglass.operations);
  box = await client.createSandbox({ snapshotName: 'base', name: 'streams', idleTtlSeconds: 0 });
  id = box.id ?? '';
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

/** Both streams at the same time, with characters of every length; all lines differ. */
const LINES = 20_000;
const tail = ' äö€🙂'.repeat(4);
const twoStreams = `echo run >> /opt/runs; { seq ${LINES} | sed 's/$/${tail}/'; } & { seq ${LINES} | sed 's/$/${tail}/' >&2; } ; wait`;
const allLines = Array.from({ length: LINES }, (_, i) => `${i + 1}${tail}\n`).join('');

/** The same sandbox through a proxy that cuts a number of WebSockets. */
async function throughCuts(count: number, seed: number): Promise<{ box: Sandbox; cuts(): number }> {
  const random = randomFrom(seed);
  let left = count;
  const proxy = await startCuttingProxy(api.port, (): Cut | null => {
    if (left === 0) return null;
    left -= 1;
    return {
      afterBytes: Math.floor(random() * 200_000),
      how: random() < 0.8 ? 'going away' : 'abrupt',
    };
  });
  const cutClient = new SandboxClient({
    apiEndpoint: `${proxy.address}/v2/sandboxes`,
    apiKey: API_KEY,
  });
  return { box: await cutClient.getSandbox('streams'), cuts: proxy.cuts };
}

describe('a reset connection', () => {
  it('loses and repeats no byte, and the command runs once', async () => {
    const cut = await throughCuts(20, SEED);
    const result = await cut.box.run(twoStreams);
    expect(cut.cuts()).toBeGreaterThan(5);
    expect(result.exit_code).toBe(0);
    expect(result.stdout === allLines).toBe(true);
    expect(result.stderr === allLines).toBe(true);
    expect((await box.run('cat /opt/runs')).stdout).toBe('run\n');
  });

  it('loses nothing of a binary output either', async () => {
    await box.run('head -c 1500000 /dev/urandom > /opt/noise');
    const noise = await box.read('/opt/noise');
    const cut = await throughCuts(12, SEED + 1);
    const { stdout } = await cut.box.run('cat /opt/noise');
    expect(cut.cuts()).toBeGreaterThan(3);
    const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(noise);
    expect(stdout === expected).toBe(true);
  });

  it('keeps a byte order mark at any position', async () => {
    const mark = '\\357\\273\\277';
    const { stdout } = await box.run(`printf '${mark}one'; sleep 0.2; printf '${mark}two'`);
    expect(stdout).toBe('\uFEFFone\uFEFFtwo');
  });

  it('is resumed at any offset of both streams', async () => {
    const commandId = crypto.randomUUID();
    await box.run(twoStreams, { commandId });
    const random = randomFrom(SEED + 2);
    const place = () => Buffer.byteLength(allLines.slice(0, cutAt(random() * allLines.length)));
    const cutAt = (at: number) => allLines.lastIndexOf('\n', at) + 1;
    for (let i = 0; i < 12; i += 1) {
      const from = { stdout: place(), stderr: i === 0 ? Number.MAX_SAFE_INTEGER : place() };
      const socket = await openSocket(api.endpoint, id);
      socket.send({
        type: 'reconnect',
        command_id: commandId,
        stdout_offset: from.stdout,
        stderr_offset: from.stderr,
      });
      await socket.next('exit');
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = Buffer.from(allLines).subarray(from[stream]).toString();
        expect(socket.text(stream) === rest, `${stream} from ${from[stream]}`).toBe(true);
        let at = from[stream];
        for (const { type, offset, data } of socket.frames) {
          if (type !== stream) continue;
          expect(offset).toBe(at);
          at += Buffer.byteLength(data ?? '');
        }
      }
    }
  });

  it('is resumed by the client when the server restarts', async () => {
    const handle = await box.run(
      'echo run >> /opt/restarts; i=0; while [ $i -lt 60 ]; do echo "line $i é"; i=$((i+1)); sleep 0.1; done',
      { wait: false },
    );
    let restarted: Promise<void> | null = null;
    const restart = async () => {
      await api.close();
      api = await openApi(sandglass, { keepOpen: true, port: api.port });
    };
    for await (const { data } of handle) {
      if (data.includes('line 10 ')) restarted ??= restart();
    }
    expect(restarted).not.toBeNull();
    await restarted;
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i} é\n`).join('');
    expect(await handle.result).toEqual({ stdout: lines, stderr: '', exit_code: 0 });
    expect((await box.run('cat /opt/restarts')).stdout).toBe('run\n');
  });

  it('before the start of the command is retried, and starts it once', async () => {
    const before = await client.createSandbox({ snapshotName: 'base', name: 'slow-start' });
    await before.stop();
    const running = before.run('echo run >> /opt/runs; cat /opt/runs');
    // The sandbox is starting for it: no `started` frame yet.
    await asSoonAs(async () => {
      const { activity } = await sandglass.operations.sandboxes.get({ sandbox: 'slow-start' });
      return activity === 'starting';
    });
    await api.close();
    api = await openApi(sandglass, { keepOpen: true, port: api.port });
    expect((await running).stdout).toBe('run\n');
  });
});

describe('many commands', () => {
  it('two hundred concurrent commands in ten sandboxes return their own output', async () => {
    const boxes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        client.createSandbox({ snapshotName: 'base', name: `many-${i}`, timeout: 300 }),
      ),
    );
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const command = `echo "$0 ${i} é"; echo "error ${i}" >&2; cat /etc/hostname; exit ${i % 100}`;
        return await boxes[i % 10]?.run(command, { timeout: 300 });
      }),
    );
    const hosts = await Promise.all(boxes.map((one) => one.run('cat /etc/hostname')));
    for (const [i, result] of results.entries()) {
      expect(result).toEqual({
        stdout: `/bin/sh ${i} é\n${hosts[i % 10]?.stdout}`,
        stderr: `error ${i}\n`,
        exit_code: i % 100,
      });
    }
  }, 600_000);

  it('for a stopped sandbox all run in it, and it starts once', async () => {
    const stopped = await client.createSandbox({ snapshotName: 'base', name: 'woken' });
    await stopped.stop();
    const all = await Promise.all([
      ...[1, 2, 3, 4].map((i) => stopped.run(`echo ${i}`).then(({ stdout }) => stdout)),
      stopped.read('/etc/passwd').then(() => 'read'),
    ]);
    expect(all).toEqual(['1\n', '2\n', '3\n', '4\n', 'read']);
    const tasks = await sandglass.operations.tasks.list();
    const starts = tasks.filter(
      ({ kind, sandboxId }) => kind === 'sandbox.start' && sandboxId === stopped.id,
    );
    expect(starts).toHaveLength(1);
  });

  it('during a stop of the sandbox start it again', async () => {
    const stopping = await client.createSandbox({ snapshotName: 'base', name: 'stopping' });
    const stopped = stopping.stop();
    await asSoonAs(async () => {
      const { activity } = await sandglass.operations.sandboxes.get({ sandbox: 'stopping' });
      return activity === 'stopping';
    });
    expect((await stopping.run('echo back')).stdout).toBe('back\n');
    await stopped;
  });
});
