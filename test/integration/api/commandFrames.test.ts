import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { openApi } from '../../support/api';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { openSocket, type RawSocket } from '../../support/executeSocket';

/** Extensions of the hosted service's protocol on a command's WebSocket, frame by frame. */

const BOX = 'box';
let sandglass: Engine;
let api: ApiServer & { endpoint: string };
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  const { id } = await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { snapshotId: id, name: BOX });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');
/** Query of a client that requests bytes. */
const bytesOf = ({ frames }: RawSocket) =>
  Buffer.concat(
    frames.flatMap(({ type, data }) =>
      type === 'stdout' && data ? [Buffer.from(data, 'base64')] : [],
    ),
  );

describe('input', () => {
  it('that is resent after a reconnect is read once', async () => {
    const command = { command_id: 'resent', encoding: 'base64', acks: true };
    const first = await openSocket(api.endpoint, BOX);
    first.send(
      { type: 'execute', command: ['cat'], ...command },
      { type: 'input', data: base64('abc'), offset: 0 },
    );
    expect(await first.next('ack')).toMatchObject({ stdin_offset: 3 });
    first.ws.terminate();
    const second = await openSocket(api.endpoint, BOX);
    second.send(
      { type: 'reconnect', ...command },
      { type: 'input', data: base64('abcde'), offset: 0 },
      { type: 'input', data: base64('cdefg'), offset: 2 },
      { type: 'close_stdin' },
    );
    await second.next('exit');
    expect(bytesOf(second).toString()).toBe('abcdefg');
  });

  it('may be any bytes, as may output', async () => {
    const bytes = Buffer.from([0, 255, 0xc3, 10, 0xf0, 0x9f, 13]);
    const socket = await openSocket(api.endpoint, BOX);
    socket.send(
      { type: 'execute', command: ['cat'], encoding: 'base64' },
      { type: 'input', data: base64(bytes) },
      { type: 'close_stdin' },
    );
    await socket.next('exit');
    expect(bytesOf(socket).equals(bytes)).toBe(true);
  });
});

describe('output', () => {
  it('waits for the acknowledgements of a client', async () => {
    const megabyte = 1024 ** 2;
    const socket = await openSocket(api.endpoint, BOX);
    const command = `head -c ${8 * megabyte} /dev/zero`;
    socket.send({ type: 'execute', command, encoding: 'base64', acks: true });
    await eventually(async () => bytesOf(socket).length > megabyte);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(bytesOf(socket).length).toBeLessThan(2 * megabyte);
    let passedOn = -1;
    while (passedOn < 8 * megabyte) {
      passedOn = await eventually(async () => {
        const { length } = bytesOf(socket);
        return length > passedOn && length;
      });
      socket.send({ type: 'ack', stdout_offset: passedOn, stderr_offset: 0 });
    }
    expect(await socket.next('exit')).toMatchObject({ exit_code: 0 });
    expect(bytesOf(socket).length).toBe(8 * megabyte);
  });
});

describe('an urgent frame', () => {
  it('overtakes input that the command does not read', async () => {
    const socket = await openSocket(api.endpoint, BOX);
    const command = "trap 'echo interrupted; exit 4' INT; echo ready; while :; do sleep 0.1; done";
    socket.send({ type: 'execute', command });
    await socket.next('stdout');
    for (let part = 0; part < 16; part += 1) {
      socket.send({ type: 'input', data: 'x'.repeat(100_000) });
    }
    socket.send({ type: 'kill', signal: 'INT' });
    expect(await socket.next('exit')).toMatchObject({ exit_code: 4 });
    expect(socket.text('stdout')).toBe('ready\ninterrupted\n');
  });

  it.each([
    { type: 'resize', cols: 0, rows: 20 },
    { type: 'kill', signal: 'STOP' },
    { type: 'ack', stdout_offset: -1, stderr_offset: 0 },
  ])('is validated: %o', async (frame) => {
    const socket = await openSocket(api.endpoint, BOX);
    socket.send({ type: 'execute', command: 'sleep 30', kill_on_disconnect: true });
    await socket.next('started');
    socket.send(frame);
    const field = Object.keys(frame)[1];
    expect(await socket.next('error')).toMatchObject({
      error_type: 'CommandError',
      error: expect.stringContaining(`${field}:`),
    });
  });
});

describe('the list of commands', () => {
  it('includes running and finished commands, newest first', async () => {
    const ended = await openSocket(api.endpoint, BOX);
    ended.send({ type: 'execute', command: 'exit 3', command_id: 'listed-ended' });
    await ended.next('exit');
    const running = await openSocket(api.endpoint, BOX);
    const command = ['sleep', '30'];
    running.send({ type: 'execute', command, command_id: 'listed-running' });
    await running.next('started');
    const commands = await sandglass.commandSessions.list(BOX);
    expect(commands.slice(0, 2).map(({ id, outcome }) => ({ id, outcome }))).toEqual([
      { id: 'listed-running', outcome: null },
      { id: 'listed-ended', outcome: { exitCode: 3 } },
    ]);
    running.send({ type: 'kill' });
    await running.next('exit');
  });
});
