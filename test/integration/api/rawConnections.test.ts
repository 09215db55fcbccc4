import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/engine';
import { BOXES, expectRefusal, rawApiOfThisFile, upgrade } from '../../support/rawApi';
import {
  everything,
  openConnection,
  parseAnswer,
  rawRequest,
  requestBytes,
} from '../../support/rawHttp';

/** Connections and upgrades that no well-behaved client opens, byte for byte. */

const raw = rawApiOfThisFile();

describe('stalled clients', () => {
  it('are disconnected after a while, and others are served meanwhile', async () => {
    const waiting = await Promise.all(
      Array.from({ length: 300 }, () => openConnection(raw.api.port)),
    );
    const halfway = waiting.slice(0, 100);
    for (const [i, socket] of halfway.entries()) {
      socket.write(i % 2 ? 'GET /v2/sandboxes/boxes HTTP/1.1\r\nHost: loc' : 'G');
    }
    expect((await rawRequest(raw.api.port, { path: BOXES })).status).toBe(200);
    const answers = await Promise.all(halfway.map((socket) => everything(socket)));
    for (const answer of answers) if (answer) expectRefusal(parseAnswer(answer), 408);
    await Promise.all(waiting.map((socket) => socket.closed || everything(socket)));
  });

  it('beyond the limit of connections are refused', async () => {
    const most = 2000;
    const sockets: Socket[] = [];
    let ended = 0;
    while (sockets.length < most + 500) {
      // At most the kernel's backlog at a time: further connections are retried seconds later.
      const some = Array.from({ length: 100 }, () => connect(raw.api.port, '127.0.0.1'));
      for (const socket of some) {
        socket.on('error', () => {}).resume();
        socket.on('close', () => {
          ended += 1;
        });
      }
      await Promise.all(
        some.map((socket) => new Promise((go) => socket.once('connect', go).once('close', go))),
      );
      sockets.push(...some);
    }
    await eventually(async () => ended >= 500);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => {
      const answer = await rawRequest(raw.api.port, { path: BOXES }).catch(() => null);
      return answer?.status === 200;
    });
  });
});

describe('upgrades', () => {
  const path = () => `/v2/sandboxes/${raw.box}/execute/ws`;

  it.each([
    [
      'another protocol',
      [
        ['Connection', 'Upgrade'],
        ['Upgrade', 'h2c'],
      ],
    ],
    ['no key of its own', upgrade.slice(0, 3)],
    ['a bad key of its own', [...upgrade.slice(0, 3), ['Sec-WebSocket-Key', 'x']]],
    ['an unknown version', [...upgrade.slice(0, 2), ['Sec-WebSocket-Version', '99'], upgrade[3]]],
  ] as const)('with %s are refused', async (_name, headers) => {
    const all = headers.filter((header) => header !== undefined);
    const answer = await rawRequest(raw.api.port, { path: path(), headers: all });
    expect([400, 404, 405, 426]).toContain(answer.status);
    expect(answer.body).not.toMatch(/node_modules| at /);
  });

  it('that are pipelined are read as invalid frames', async () => {
    const socket = await openConnection(raw.api.port);
    const request = requestBytes({ path: path(), headers: [...upgrade] });
    socket.write(Buffer.concat([request, request]));
    const answer = await everything(socket);
    expect(answer.match(/HTTP\/1\.1 101/g)).toHaveLength(1);
  });

  it('followed by invalid frames are closed', async () => {
    const socket = await openConnection(raw.api.port);
    socket.write(requestBytes({ path: path(), headers: [...upgrade] }));
    socket.write(Buffer.alloc(5000, 0xff));
    expect(await everything(socket)).toMatch(/^HTTP\/1\.1 101/);
  });

  it('with a frame that is too large are closed', async () => {
    const socket = await openConnection(raw.api.port);
    socket.write(requestBytes({ path: path(), headers: [...upgrade] }));
    // A masked text frame with a length of 2^40 bytes.
    socket.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    expect(await everything(socket)).toMatch(/^HTTP\/1\.1 101/);
  });
});
