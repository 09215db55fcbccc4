import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { API_KEY } from '../../support/api';
import { dockerHost, TEST_IMAGE } from '../../support/engine';
import { openSocket } from '../../support/executeSocket';

/** Memory of the server, a separate process, during transfers over a WebSocket. */

const MEBIBYTE = 1024 ** 2;
const AMOUNT = 128 * MEBIBYTE;
/**
 * The output that is kept for readers that come back is 16 MiB; the rest is the runtime's own, which on a
 * busy machine comes late to its garbage.
 */
const MAX_GROWTH = 90 * MEBIBYTE;

let home: string;
let server: ChildProcess;
let client: SandboxClient;
let box: Sandbox;
let endpoint: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  const script = join(import.meta.dirname, '../../support/apiProcess.ts');
  const env = { SANDGLASS_HOME: home, DOCKER_HOST: dockerHost(), SANDGLASS_API_KEY: API_KEY };
  server = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!server.stdout) throw new Error('The server says nothing.');
  const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
  endpoint = `http://127.0.0.1:${port}/v2/sandboxes`;
  client = new SandboxClient({ apiEndpoint: endpoint, apiKey: API_KEY });
  const snapshot = await client.createSnapshot('base', TEST_IMAGE, 1024 ** 3);
  box = await client.createSandbox(snapshot.id, { name: 'flood' });
});
afterAll(async () => {
  for (const { name } of await client.listSandboxes()) await client.deleteSandbox(name);
  for (const { id } of await client.listSnapshots()) await client.deleteSnapshot(id);
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
  await rm(home, { recursive: true, force: true });
});

const open = () => openSocket(endpoint, box.id ?? '');

/** Resident memory of the server in bytes (proc(5)). */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Maximum growth of the server's memory during a callback, in bytes. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = await memory();
  let most = before;
  let isDone = false;
  const watching = (async () => {
    while (!isDone) {
      most = Math.max(most, await memory());
      await sleep(20);
    }
  })();
  await work().finally(() => {
    isDone = true;
  });
  await watching;
  return most - before;
}

/** Reads `AMOUNT` bytes of output. Returns the number received; `onBytes` may pause the reader. */
async function pour(onBytes?: (length: number, pause: (ms: number) => void) => void) {
  const socket = await open();
  let length = 0;
  // Output is counted, not kept.
  socket.ws.removeAllListeners('message');
  const end = new Promise<void>((resolve) => {
    socket.ws.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { type: string; data?: string };
      length += frame.data?.length ?? 0;
      onBytes?.(length, (ms) => {
        socket.ws.pause();
        setTimeout(() => socket.ws.resume(), ms);
      });
      if (frame.type === 'exit') resolve();
    });
  });
  const command = `yes 0123456789abcde | head -c ${AMOUNT}`;
  socket.send({ type: 'execute', command, timeout_seconds: 0, ttl_seconds: 0 });
  await Promise.race([end, socket.closed]);
  return length;
}

describe('more than a hundred megabytes', () => {
  // The first call allocates memory once.
  beforeEach(async () => {
    await pour();
  });

  it('are sent in constant memory', async () => {
    const growth = await growthDuring(async () => expect(await pour()).toBe(AMOUNT));
    expect(growth).toBeLessThan(MAX_GROWTH);
  });

  it('wait in the sandbox for a paused reader', async () => {
    let pauses = 0;
    const growth = await growthDuring(async () => {
      const length = await pour((read, pause) => {
        if (read < (pauses + 1) * 20 * MEBIBYTE || pauses === 3) return;
        pauses += 1;
        pause(2000);
      });
      expect(length).toBe(AMOUNT);
    });
    expect(pauses).toBe(3);
    expect(growth).toBeLessThan(MAX_GROWTH);
  });

  it('are received in constant memory by a command that reads slowly', async () => {
    const socket = await open();
    const chunk = 'x'.repeat(MEBIBYTE);
    const growth = await growthDuring(async () => {
      socket.send({ type: 'execute', command: 'sleep 3; wc -c', timeout_seconds: 0 });
      for (let sent = 0; sent < AMOUNT; sent += MEBIBYTE)
        socket.send({ type: 'input', data: chunk });
      socket.send({ type: 'close_stdin' });
      await socket.next('exit');
    });
    expect(socket.text('stdout').trim()).toBe(String(AMOUNT));
    expect(growth).toBeLessThan(MAX_GROWTH);
  });

  it('are dropped without a reader, and a later reader gets an error', async () => {
    const socket = await open();
    const command_id = crypto.randomUUID();
    const command = `yes 0123456789abcde | head -c ${AMOUNT}`;
    socket.send({ type: 'execute', command, command_id, timeout_seconds: 0 });
    await socket.next('started');
    socket.ws.terminate();
    const growth = await growthDuring(async () => {
      const end = await open();
      end.send({ type: 'reconnect', command_id, stdout_offset: AMOUNT });
      // A reader of the end only does not throttle the command.
      await end.next('exit');
    });
    expect(growth).toBeLessThan(MAX_GROWTH);
    const late = await open();
    late.send({ type: 'reconnect', command_id });
    expect((await late.next('error')).error).toContain('no longer held before byte');
  });
});
