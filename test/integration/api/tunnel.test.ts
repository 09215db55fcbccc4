import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import { DEBIAN_IMAGE, importDebian } from '../../support/debian';
import {
  bootSandbox,
  buildSnapshot,
  dockerHost,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { LOOPBACK_SERVICE } from '../../support/loopbackService';
import { runInSandbox } from '../../support/runInSandbox';
import { writeSandboxFile } from '../../support/sandboxFiles';
import { YamuxClient } from '../../support/yamuxClient';

/** Tunnels of the Python client: many TCP connections over one WebSocket. */

const MIB = 1024 ** 2;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let url: string;
beforeAll(async () => {
  await importDebian(dockerHost());
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  await buildSnapshot(sandglass.operations, { image: DEBIAN_IMAGE });
  await bootSandbox(sandglass.operations, { name: 'box', snapshotName: 'base' });
  await writeSandboxFile(sandglass, {
    sandbox: 'box',
    path: '/opt/service.py',
    bytes: Buffer.from(LOOPBACK_SERVICE),
  });
  await run('(python3 /opt/service.py) >/dev/null 2>&1 &');
  await eventually(async () => (await run('cat /proc/net/tcp')).includes(':1B5B '));
  url = `${api.endpoint.replace('http', 'ws')}/box/tunnel`;
}, 300_000);
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

async function run(command: string): Promise<string> {
  return (await runInSandbox(sandglass, { sandbox: 'box', command })).stdout;
}

/** Number of relays in the sandbox. */
async function relays(): Promise<number> {
  const look = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline 2>/dev/null; echo; done';
  return (await run(look)).split('\n').filter((line) => line.startsWith('perl -e')).length;
}

describe('a tunnel', () => {
  let client: YamuxClient;
  beforeEach(async () => {
    client = await YamuxClient.connect(url, API_KEY);
    return () => client.socket.terminate();
  });

  it('carries many concurrent streams with their own bytes', async () => {
    const echoes = Array.from({ length: 30 }, async () => {
      const stream = await client.open(7003);
      expect([...(await stream.read(1))]).toEqual([0]);
      const bytes = randomBytes(100_000);
      const back = stream.read(bytes.length);
      await stream.write(bytes);
      stream.end();
      expect(sha256(await back)).toBe(sha256(bytes));
      expect(await stream.read()).toHaveLength(0);
      expect(stream.isAccepted).toBe(true);
    });
    await Promise.all(echoes);
  });

  it('carries large data in both directions with half-closes, in constant memory', async () => {
    const upload = randomBytes(4 * MIB);
    const hash = createHash('sha256');
    const rss = process.memoryUsage().rss;
    const up = await client.open(7001);
    expect([...(await up.read(1))]).toEqual([0]);
    const rounds = 25;
    for (let round = 0; round < rounds; round += 1) {
      hash.update(upload);
      await up.write(upload);
    }
    up.end();
    expect(String(await up.read())).toBe(`${rounds * upload.length} ${hash.digest('hex')}`);

    const down = await client.open(7002);
    expect([...(await down.read(1))]).toEqual([0]);
    const whole = Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(MIB, i)));
    expect(sha256(await down.read())).toBe(sha256(whole));
    // The service has half-closed; this side is still open.
    await down.write(Buffer.from('after the end'));
    down.end();
    await eventually(async () => (await run('cat /opt/rest')) === 'after the end');
    expect(process.memoryUsage().rss - rss).toBeLessThan(120 * MIB);
  });

  it('respects the window, and a slow stream does not block others', async () => {
    const slow = await client.open(7002);
    await slow.until(() => slow.received >= 256 * 1024);
    const quick = await client.open(7003);
    expect([...(await quick.read(1))]).toEqual([0]);
    await quick.write(Buffer.from('quick'));
    expect(String(await quick.read(5))).toBe('quick');
    // The test client throws if the server exceeds the window.
    expect(slow.received).toBe(256 * 1024);
    expect(sha256((await slow.read(1 + 20 * MIB)).subarray(1))).toBe(
      sha256(Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(MIB, i)))),
    );
  });

  it('reports in a byte why a port is unreachable', async () => {
    for (const [port, version, status] of [
      [9, 1, 2],
      [7003, 2, 3],
      [0, 1, 1],
    ] as const) {
      const stream = await client.open(port, version);
      expect([...(await stream.read())]).toEqual([status]);
    }
    // The session continues.
    const stream = await client.open(7003);
    expect([...(await stream.read(1))]).toEqual([0]);
  });

  it('closes the connection of a reset stream, and all when the socket is reset', async () => {
    const [first, second] = [await client.open(7003), await client.open(7003)];
    expect([...(await first.read(1)), ...(await second.read(1))]).toEqual([0, 0]);
    await eventually(async () => (await relays()) >= 2);
    first.reset();
    await second.write(Buffer.from('still here'));
    expect(String(await second.read(10))).toBe('still here');
    client.socket.terminate();
    await eventually(async () => (await relays()) === 0);
  });

  it('answers pings, and closes on invalid yamux', async () => {
    client.ping(0xfeedf00d);
    while (client.pongs.length === 0) await once(client, 'frame');
    expect(client.pongs).toEqual([0xfeedf00d]);
    for (const wrong of [
      { version: 1, type: 0, flags: 0, id: 1, length: 0 },
      { type: 9, flags: 0, id: 1, length: 0 },
      { type: 0, flags: 1, id: 1, length: 0xffffffff },
      { type: 1, flags: 1, id: 2, length: 0 },
    ]) {
      const other = await YamuxClient.connect(url, API_KEY);
      other.send(wrong);
      const [code] = (await once(other.socket, 'close')) as [number];
      expect(code).toBe(1002);
      expect(other.goneAway).toBe(1);
    }
  });

  it('requires the key', async () => {
    const stranger = new WebSocket(url);
    expect(String((await once(stranger, 'error'))[0])).toContain('401');
  });
});
