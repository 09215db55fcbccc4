import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import {
  buildSnapshot,
  dockerItself,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { openSocket } from '../../support/executeSocket';

/** Life cycle of a command, frame by frame. */

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
  box = await client.createSandbox({ snapshotName: 'base', name: 'sessions', idleTtlSeconds: 0 });
  id = box.id ?? '';
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

const open = (sandbox = id) => openSocket(api.endpoint, sandbox);

/** Starts a process with a unique command line. */
let seconds = 100_000;
const newSleep = () => {
  seconds += 1;
  return `sleep ${seconds}`;
};
/** The pattern does not match grep itself. */
const isRunning = async (command: string) =>
  (await box.run(`ps | grep '[${command[0]}]${command.slice(1)}'`)).exit_code === 0;

describe('frames', () => {
  it.each([
    ['input before a command', { type: 'input', data: 'x' }],
    ['an end of input before a command', { type: 'close_stdin' }],
    ['a kill before a command', { type: 'kill' }],
    ['one of an unknown type', { type: 'dance' }],
    ['one of no type', {}],
    ['a command of nothing', { type: 'execute', command: '' }],
    ['a command with a NUL', { type: 'execute', command: 'echo a\0b' }],
    ['a timeout below nothing', { type: 'execute', command: 'true', timeout_seconds: -5 }],
    ['an offset below nothing', { type: 'reconnect', command_id: 'x', stdout_offset: -1 }],
    ['a list', []],
    ['a number', 7],
  ])('%s is refused, and what follows it is not run', async (_name, frame) => {
    const socket = await open();
    const path = `/opt/never-${seconds}`;
    socket.send(frame as object, { type: 'execute', command: `touch ${path}` });
    const { error } = await socket.next('error');
    expect(error).not.toMatch(/node_modules|internal|undefined/);
    expect(await socket.closed).toBe(1000);
    expect(socket.frames).toHaveLength(1);
    expect((await box.run(`test -e ${path}`)).exit_code).toBe(1);
  });

  it('that are not JSON are refused', async () => {
    const socket = await open();
    socket.ws.send('{"type":');
    expect((await socket.next('error')).error).toContain('JSON');
    await socket.closed;
  });

  it('a second command on the same socket is refused, and the first continues', async () => {
    const socket = await open();
    const command_id = crypto.randomUUID();
    const command = 'sleep 1; echo first';
    socket.send({ type: 'execute', command, command_id }, { type: 'execute', command: 'echo no' });
    await socket.next('error');
    await socket.closed;
    const handle = await box.reconnect(command_id);
    expect(await handle.result).toEqual({ stdout: 'first\n', stderr: '', exit_code: 0 });
  });

  it('input sent with the command waits until it has started', async () => {
    const socket = await open();
    socket.send(
      { type: 'execute', command: 'cat' },
      { type: 'input', data: 'one ' },
      { type: 'input', data: 'zwei €' },
      { type: 'close_stdin' },
    );
    expect(await socket.next('exit')).toMatchObject({ exit_code: 0 });
    expect(socket.text('stdout')).toBe('one zwei €');
  });

  it('an end of input, input and a kill after the exit are ignored', async () => {
    const socket = await open();
    socket.send({ type: 'execute', command: 'cat; echo end' }, { type: 'close_stdin' });
    socket.send({ type: 'input', data: 'late' }, { type: 'close_stdin' });
    await socket.next('exit');
    expect(socket.text('stdout')).toBe('end\n');
    socket.send({ type: 'kill' }, { type: 'input', data: 'x' });
    expect(await socket.closed).toBe(1000);
  });

  it('a kill takes effect despite unread input', async () => {
    const socket = await open();
    socket.send({ type: 'execute', command: newSleep() });
    await socket.next('started');
    for (let i = 0; i < 3; i += 1) socket.send({ type: 'input', data: 'x'.repeat(1_000_000) });
    socket.send({ type: 'kill' });
    expect(await socket.next('exit')).toMatchObject({ exit_code: 137 });
  });

  it('a kill right after the start takes effect', async () => {
    const command = newSleep();
    const sockets = await Promise.all(Array.from({ length: 10 }, () => open()));
    for (const socket of sockets) socket.send({ type: 'execute', command }, { type: 'kill' });
    for (const socket of sockets) {
      expect(await socket.next('exit')).toMatchObject({ exit_code: 137 });
    }
    await eventually(async () => !(await isRunning(command)));
  });

  it('output before a kill is delivered', async () => {
    const socket = await open();
    socket.send({ type: 'execute', command: `seq 50000; ${newSleep()}` });
    await eventually(async () => socket.text('stdout').startsWith('1\n'));
    socket.send({ type: 'kill' });
    await socket.next('exit');
    const said = socket.text('stdout');
    const whole = Array.from({ length: 50_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(whole.startsWith(said)).toBe(true);
  });
});

describe('a command’s id', () => {
  it.each(['a/b', '../..', 'ä€🙂', ' ', '"', '\u0000', '__proto__', 'x'.repeat(128)])(
    '%j is as good as any',
    async (command_id) => {
      const first = await open();
      first.send({ type: 'execute', command: 'echo $0 $PPID', command_id });
      expect((await first.next('started')).command_id).toBe(command_id);
      await first.next('exit');
      const second = await open();
      second.send({ type: 'reconnect', command_id });
      await second.next('exit');
      expect(second.text('stdout')).toBe(first.text('stdout'));
    },
  );

  it('refers to another command in another sandbox', async () => {
    const other = await client.createSandbox({ snapshotName: 'base', name: 'other' });
    const commandId = crypto.randomUUID();
    const [here, there] = await Promise.all([
      box.run('echo here', { commandId }),
      other.run('echo there', { commandId }),
    ]);
    expect([here.stdout, there.stdout]).toEqual(['here\n', 'there\n']);
    const alien = crypto.randomUUID();
    await box.run('echo secret', { commandId: alien });
    const stranger = await open(other.id ?? '');
    stranger.send({ type: 'reconnect', command_id: alien });
    expect(await stranger.next('error')).toMatchObject({ error_type: 'CommandNotFound' });
  });

  it('in an unknown sandbox is not found', async () => {
    const socket = await open('nobody');
    socket.send({ type: 'execute', command: 'true' });
    expect((await socket.next('error')).error).toContain('nobody');
  });
});

describe('limits', () => {
  it('a command without a reader is killed after its idle timeout, not before', async () => {
    const command = newSleep();
    const socket = await open();
    const command_id = crypto.randomUUID();
    socket.send({
      type: 'execute',
      command,
      command_id,
      idle_timeout_seconds: 2,
      timeout_seconds: 0,
    });
    await socket.next('started');
    await sleep(2500);
    expect(await isRunning(command)).toBe(true);
    socket.ws.terminate();
    await eventually(async () => !(await isRunning(command)));
    const later = await open();
    later.send({ type: 'reconnect', command_id });
    expect(await later.next('error')).toMatchObject({ error_type: 'CommandTimeout' });
  });

  it('lifetimes of a month do not end at once', async () => {
    const month = 2_592_000;
    const commandId = crypto.randomUUID();
    const limits = { timeout: month, idleTimeout: month, ttlSeconds: month, commandId };
    expect((await box.run('sleep 0.3; echo here', limits)).stdout).toBe('here\n');
    const again = await box.reconnect(commandId);
    expect((await again.result).stdout).toBe('here\n');
  });

  it('kill on disconnect kills the command when the client closes', async () => {
    const command = newSleep();
    const socket = await open();
    socket.send({ type: 'execute', command, kill_on_disconnect: true });
    await socket.next('started');
    socket.ws.close();
    await eventually(async () => !(await isRunning(command)));
  });

  it('kill on disconnect allows a reset client to reconnect', async () => {
    const command = newSleep();
    const command_id = crypto.randomUUID();
    const first = await open();
    first.send({ type: 'execute', command, command_id, kill_on_disconnect: true });
    await first.next('started');
    first.ws.terminate();
    await once(first.ws, 'close').catch(() => {});
    const second = await open();
    second.send({ type: 'reconnect', command_id });
    await second.next('started');
    // Longer than the grace period without a reconnect.
    await sleep(11_000);
    expect(await isRunning(command)).toBe(true);
    second.ws.terminate();
    await eventually(async () => !(await isRunning(command)));
  });

  it('many ended commands retain limited output: the oldest report it as evicted', async () => {
    const ids = Array.from({ length: 30 }, () => crypto.randomUUID());
    for (const commandId of ids) {
      const { stdout } = await box.run('head -c 10000000 /dev/zero | tr "\\0" x', { commandId });
      expect(stdout).toHaveLength(10_000_000);
    }
    const oldest = await open();
    oldest.send({ type: 'reconnect', command_id: ids[0] });
    const { error } = await oldest.next('error');
    expect(error).toContain('no longer held before byte 10000000');
    const end = await open();
    end.send({ type: 'reconnect', command_id: ids[0], stdout_offset: 10_000_000 });
    expect(await end.next('exit')).toMatchObject({ exit_code: 0 });
    const newest = await box.reconnect(ids.at(-1) ?? '');
    expect((await newest.result).stdout).toHaveLength(10_000_000);
  });

  it('a response over plain HTTP is refused if it would not fit into memory', async () => {
    const answer = await fetch(`${api.endpoint}/${id}/execute`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'yes' }),
    });
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain('64 MiB');
    await eventually(async () => !(await isRunning('yes')));
  });
});

describe('a sandbox that ends while a command runs', () => {
  const ends = {
    'is stopped': (name: string) => client.stopSandbox(name),
    'is deleted': (name: string) => client.deleteSandbox(name),
    'is killed behind our back': async (name: string) => {
      const { containerId } = { containerId: (await client.getSandbox(name)).id };
      const [found] = await dockerItself().listContainers({
        filters: { name: [name] },
      });
      expect(containerId).toBeTruthy();
      await dockerItself()
        .getContainer(found?.Id ?? '')
        .kill();
    },
  };

  it.each(Object.entries(ends))(
    'that %s ends the command and notifies its reader',
    async (how, end) => {
      const name = `goes-${how.replaceAll(' ', '-')}`;
      const going = await client.createSandbox({ snapshotName: 'base', name });
      const socket = await open(going.id ?? '');
      socket.send({ type: 'execute', command: 'echo here; sleep 1000', timeout_seconds: 0 });
      await socket.next('stdout');
      await end(name);
      await socket.closed;
      expect(['exit', 'error']).toContain(socket.frames.at(-1)?.type);
      const last = socket.frames.at(-1);
      if (last?.type === 'exit') expect(last.exit_code).not.toBe(0);
    },
  );
});
