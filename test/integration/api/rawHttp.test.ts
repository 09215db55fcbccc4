import { readdir, readlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, serveApi } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY } from '../../support/api';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import {
  everything,
  exchange,
  openConnection,
  parseAnswer,
  type RawAnswer,
  rawRequest,
  requestBytes,
} from '../../support/rawHttp';
import { runInSandbox } from '../../support/runInSandbox';

/** What no client of good will sends, byte for byte. */

const BOXES = '/v2/sandboxes/boxes';

let sandglass: Engine;
let api: ApiServer;
let socketPath: string;
let box: string;
const faults: unknown[] = [];
const usualTmp = process.env.TMPDIR;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  // Where uploads wait for their ends: other tests have theirs elsewhere.
  process.env.TMPDIR = sandglass.home;
  socketPath = join(sandglass.home, 'api.sock');
  api = await serveApi(sandglass, {
    port: 0,
    socketPath,
    key: () => API_KEY,
    onError: (thrown) => faults.push(thrown),
  });
  const { id } = await buildSnapshot(sandglass.operations);
  box = (await bootSandbox(sandglass.operations, { snapshotId: id, name: 'box' })).id;
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  if (usualTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualTmp;
  await sandglass.close();
  expect(faults).toEqual([]);
});

/** An error in the one form that there is, which tells of nothing that is ours. */
function expectRefusal(answer: RawAnswer, ...statuses: number[]): void {
  expect(statuses, JSON.stringify(answer).slice(0, 500)).toContain(answer.status);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  expect(answer.headers).not.toHaveProperty('server');
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  const { detail } = JSON.parse(answer.body) as { detail: unknown };
  if (Array.isArray(detail)) {
    for (const issue of detail)
      expect(issue).toMatchObject({ loc: expect.any(Array), msg: expect.any(String) });
  } else {
    expect(detail).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  }
  expect(answer.body).not.toMatch(/node_modules|\.[jt]s:\d|\\n +at |sandglass-home|FST_|SQLITE/);
  expect(answer.body).not.toContain(API_KEY);
}

const upgrade = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
] as const;

describe.each(['on its port', 'on its Unix socket'])('%s', (where) => {
  const target = () => (where === 'on its port' ? api.port : socketPath);

  it.each([
    ['no key', [['X-Api-Key', '']]],
    ['a wrong key', [['X-Api-Key', 'wrong']]],
    ['a longer key', [['X-Api-Key', `${API_KEY}x`]]],
    ['a shorter key', [['X-Api-Key', API_KEY.slice(0, -1)]]],
    [
      'two keys',
      [
        ['X-Api-Key', API_KEY],
        ['X-Api-Key', 'x'],
      ],
    ],
    [
      'a key of another scheme',
      [
        ['X-Api-Key', ''],
        ['Authorization', `Basic ${API_KEY}`],
      ],
    ],
    [
      'an empty bearer',
      [
        ['X-Api-Key', ''],
        ['Authorization', 'Bearer '],
      ],
    ],
  ] as const)('%s is refused, for requests, upgrades and bad addresses', async (_name, headers) => {
    for (const request of [
      { path: BOXES, headers },
      { path: `${BOXES}/%zz`, headers },
      { path: '/nowhere', headers },
      { path: `/v2/sandboxes/${box}/execute/ws`, headers: [...upgrade, ...headers] },
    ]) {
      expectRefusal(await rawRequest(target(), request), 401);
    }
  });

  it('the key is also accepted as a bearer token', async () => {
    const headers = [
      ['X-Api-Key', ''],
      ['Authorization', `bearer ${API_KEY}`],
    ] as const;
    expect((await rawRequest(target(), { path: BOXES, headers })).status).toBe(200);
  });

  it.each([
    ['a name of somebody else', [['Host', 'evil.example']]],
    ['one that only looks like ours', [['Host', 'localhost.evil.example']]],
    ['one that only ends like ours', [['Host', 'evillocalhost']]],
    [
      'our address and another',
      [
        ['Host', '127.0.0.1'],
        ['Host', 'evil.example'],
      ],
    ],
    ['no name', [['Host', '']]],
    ['an address that others reach too', [['Host', '0.0.0.0']]],
    ['a user before the name', [['Host', 'localhost@evil.example']]],
    ['the origin of another page', [['Origin', 'http://evil.example']]],
    ['the origin of another port', [['Origin', 'http://127.0.0.1:1']]],
    ['the origin of a file', [['Origin', 'null']]],
    ['the origin of a secure page', [['Origin', 'https://127.0.0.1']]],
    ['an empty-looking origin', [['Origin', ' ']]],
  ] as const)('%s is refused, with the key and without', async (_name, headers) => {
    for (const key of [[], [['X-Api-Key', '']]] as const) {
      const all = [...headers, ...key];
      expectRefusal(await rawRequest(target(), { path: BOXES, headers: all }), 403);
      expectRefusal(await rawRequest(target(), { path: '/', headers: all }), 403);
      const path = `/v2/sandboxes/${box}/execute/ws`;
      expectRefusal(await rawRequest(target(), { path, headers: [...upgrade, ...all] }), 403);
    }
  });

  it('invalid HTTP is refused with an error in the same form', async () => {
    for (const bytes of [
      '\0\0\0\0\r\n\r\n',
      'GET\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      '\x16\x03\x01',
    ]) {
      expectRefusal(await exchange(target(), bytes), 400);
    }
    const large = [['X-Large', 'x'.repeat(100_000)]] as const;
    expectRefusal(await rawRequest(target(), { path: BOXES, headers: large }), 431);
    const expectation = [['Expect', 'miracles']] as const;
    expectRefusal(await rawRequest(target(), { path: BOXES, headers: expectation }), 417);
  });
});

describe('addresses', () => {
  it.each(
    [
      '/v2/sandboxes/boxes/..%2f..%2f..%2fetc%2fpasswd',
      '/v2/sandboxes/boxes/%2e%2e/%2e%2e/boxes',
      '/v2/sandboxes/../../etc/passwd',
      '/v2/sandboxes/boxes/a%00b',
      '/v2/sandboxes/boxes/%c0%ae%c0%ae',
      '/v2/sandboxes/boxes/%ff',
      '/v2/sandboxes/boxes/%',
      '/v2/sandboxes/boxes/%u0041',
      '/v2/sandboxes/snapshots/..%2f..%2f',
      '/v2/sandboxes/snapshots-by-name/../../x',
      '/v2/sandboxes/registries/..%2fx',
      `/v2/sandboxes/boxes/${'x'.repeat(3000)}`,
      `/v2/sandboxes/boxes/${'%2f'.repeat(1000)}`,
      '//evil.example/v2/sandboxes/boxes',
      'http://evil.example/v2/sandboxes/nothing',
      '/v2/sandboxes/boxes/<script>alert(1)</script>',
      '/v2/sandboxes/__proto__',
      '/v2/sandboxes/boxes/__proto__',
      '/v2/sandboxes/boxes/constructor',
    ].map((path) => [path.slice(0, 60), path]),
  )('%s leads nowhere', async (_name, path) => {
    expectRefusal(await rawRequest(api.port, { path }), 400, 404, 414, 422);
    expectRefusal(await rawRequest(api.port, { path, method: 'DELETE' }), 400, 404, 414, 422);
    expectRefusal(
      await rawRequest(api.port, { path, method: 'POST', body: '{}' }),
      ...[400, 404, 414, 422],
    );
    expectRefusal(await rawRequest(api.port, { path, headers: [...upgrade] }), 400, 404, 414);
  });

  it.each(['OPTIONS', 'TRACE', 'PUT', 'PROPFIND', 'LINK', 'PATCH', 'BREW'])(
    'the method %s does nothing',
    async (method) => {
      expectRefusal(await rawRequest(api.port, { path: BOXES, method }), 400, 404, 405);
    },
  );

  it('CONNECT opens no tunnel', async () => {
    const answer = await rawRequest(api.port, { path: 'evil.example:80', method: 'CONNECT' });
    expect(answer.status).toBe(0);
  });

  it('HEAD responds as GET without the body', async () => {
    const answer = await rawRequest(api.port, { path: BOXES, method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    ['with a NUL', 'a%00b'],
    ['of nothing', ''],
    ['of a NUL', '%00'],
    ['too long', 'x'.repeat(5000)],
  ])('a file at a path %s is refused', async (_name, path) => {
    const at = (call: string) => `/v2/sandboxes/${box}/${call}?path=${path}`;
    expectRefusal(await rawRequest(api.port, { path: at('download') }), 422);
    const body = 'x';
    const headers = [['Content-Type', 'application/octet-stream']] as const;
    expectRefusal(
      await rawRequest(api.port, { path: at('upload'), method: 'POST', body, headers }),
      422,
    );
  });

  it('a path that leaves the sandbox stays inside it', async () => {
    const path = `/v2/sandboxes/${box}/download?path=../../../../../../etc/hostname`;
    const answer = await rawRequest(api.port, { path });
    const inside = await runInSandbox(sandglass, {
      sandbox: box,
      command: 'cat /etc/hostname',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(inside.stdout);
  });
});

describe('bodies', () => {
  const post = (body: string | Buffer, headers: ReadonlyArray<readonly [string, string]> = []) =>
    rawRequest(api.port, { path: BOXES, method: 'POST', body, headers });

  it.each([
    ['nothing', ''],
    ['half of one', '{"name":'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['two', '{}{}'],
    ['a prototype', '{"__proto__":{"isAdmin":true},"name":"x!"}'],
    ['a constructor', '{"constructor":{"prototype":{"x":1}},"name":"x!"}'],
    ['a deep one', `{"labels":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['a deep unknown one', `{"mount_config":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a number past all numbers', '{"vcpus":1e999}'],
    ['wrong types', '{"name":7,"labels":[],"vcpus":"two","wait_for_ready":"maybe"}'],
    ['a negative lifetime', '{"idle_ttl_seconds":-60}'],
  ])('%s is refused', async (_name, body) => {
    expectRefusal(await post(body), 400, 404, 422);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('isAdmin');
  });

  it('a body that is too large is refused before it is read', async () => {
    expectRefusal(await post(`{"name":"${'x'.repeat(2 * 1024 ** 2)}"}`), 413);
    expectRefusal(await post('{}', [['Content-Length', '9007199254740991']]), 413);
  });

  it('of a thousand errors a few are reported', async () => {
    const body = JSON.stringify({ names: Array.from({ length: 500 }, () => 1) });
    const path = `${BOXES}/batch-delete`;
    const answer = await rawRequest(api.port, { path, method: 'POST', body });
    expectRefusal(answer, 422);
    expect(answer.body.length).toBeLessThan(10_000);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/json; charset=x',
    'multipart/form-data',
    '???',
    'application/x-www-form-urlencoded',
  ])('as %s it is refused or read, and nothing else', async (type) => {
    expectRefusal(await post('{"name":7}', [['Content-Type', type]]), 400, 415, 422);
  });

  it('with a wrong length are refused', async () => {
    const lies: Array<readonly [string, string]> = [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '5'],
    ];
    expectRefusal(await post('0\r\n\r\n', lies), 400);
    expectRefusal(
      await post('zz\r\n', [
        ['Content-Length', ''],
        ['Transfer-Encoding', 'chunked'],
      ]),
      400,
    );
    expectRefusal(await post('{}', [['Content-Length', '-1']]), 400);
    expectRefusal(await post('{}', [['Content-Length', '2, 3']]), 400);
  });

  it('unknown fields are ignored', async () => {
    const path = `${BOXES}/batch-delete`;
    const body = '{"names":[],"whatever":{"a":[1]}}';
    const answer = await rawRequest(api.port, { path, method: 'POST', body });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    [
      'no end',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nabc',
    ],
    [
      'no file',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc\r\n--b--\r\n',
    ],
    ['garbage', 'multipart/form-data; boundary=b', 'garbage\r\n--c\r\n\r\n'],
    ['no content', 'multipart/form-data; boundary=b', ''],
    ['a wrong type', 'multipart/mixed', '--b--'],
  ])('a form with %s is refused, and leaves nothing', async (_name, type, body) => {
    const answer = await rawRequest(api.port, {
      path: `/v2/sandboxes/${box}/upload?path=/opt/from-a-form`,
      method: 'POST',
      body,
      headers: [['Content-Type', type]],
    });
    expectRefusal(answer, 400, 415, 422);
    const look = { sandbox: box, command: 'ls /opt' };
    expect((await runInSandbox(sandglass, look)).stdout).not.toContain('from-a-form');
    await nothingIsLeft();
  });

  it('an aborted upload leaves nothing behind', async () => {
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=b']) {
      const socket = await openConnection(api.port);
      const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n';
      socket.write(
        requestBytes({
          path: `/v2/sandboxes/${box}/upload?path=/opt/broken-off`,
          method: 'POST',
          body: head + 'x'.repeat(100_000),
          headers: [
            ['Content-Type', type],
            ['Content-Length', '10000000'],
          ],
        }),
      );
      await eventually(async () => (await uploads()).length > 0);
      socket.resetAndDestroy();
      await nothingIsLeft();
    }
    const look = { sandbox: box, command: 'ls /opt' };
    expect((await runInSandbox(sandglass, look)).stdout).not.toContain('broken-off');
  });
});

/** Folders of uploads under way, and files of them that are open. */
async function uploads(): Promise<string[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('sandglass-upload-'));
  const descriptors = await readdir('/proc/self/fd');
  const open = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return [...folders, ...open.filter((path) => path.includes('sandglass-upload-'))];
}

async function nothingIsLeft(): Promise<void> {
  await eventually(async () => (await uploads()).length === 0);
}

describe('stalled clients', () => {
  it('are disconnected after a while, and others are served meanwhile', async () => {
    const waiting = await Promise.all(Array.from({ length: 300 }, () => openConnection(api.port)));
    const halfway = waiting.slice(0, 100);
    for (const [i, socket] of halfway.entries()) {
      socket.write(i % 2 ? 'GET /v2/sandboxes/boxes HTTP/1.1\r\nHost: loc' : 'G');
    }
    expect((await rawRequest(api.port, { path: BOXES })).status).toBe(200);
    const answers = await Promise.all(halfway.map((socket) => everything(socket)));
    for (const answer of answers) if (answer) expectRefusal(parseAnswer(answer), 408);
    await Promise.all(waiting.map((socket) => socket.closed || everything(socket)));
  });

  it('beyond the limit of connections are refused', async () => {
    const most = 2000;
    const sockets: Socket[] = [];
    let ended = 0;
    while (sockets.length < most + 500) {
      // No more at a time than the kernel queues: what it has no room for knocks again seconds later.
      const some = Array.from({ length: 100 }, () => connect(api.port, '127.0.0.1'));
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
      const answer = await rawRequest(api.port, { path: BOXES }).catch(() => null);
      return answer?.status === 200;
    });
  });
});

describe('upgrades', () => {
  const path = () => `/v2/sandboxes/${box}/execute/ws`;

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
    const answer = await rawRequest(api.port, { path: path(), headers: all });
    expect([400, 404, 405, 426]).toContain(answer.status);
    expect(answer.body).not.toMatch(/node_modules| at /);
  });

  it('that are pipelined are read as invalid frames', async () => {
    const socket = await openConnection(api.port);
    const request = requestBytes({ path: path(), headers: [...upgrade] });
    socket.write(Buffer.concat([request, request]));
    const answer = await everything(socket);
    expect(answer.match(/HTTP\/1\.1 101/g)).toHaveLength(1);
  });

  it('followed by invalid frames are closed', async () => {
    const socket = await openConnection(api.port);
    socket.write(requestBytes({ path: path(), headers: [...upgrade] }));
    socket.write(Buffer.alloc(5000, 0xff));
    expect(await everything(socket)).toMatch(/^HTTP\/1\.1 101/);
  });

  it('with a frame that is too large are closed', async () => {
    const socket = await openConnection(api.port);
    socket.write(requestBytes({ path: path(), headers: [...upgrade] }));
    // A masked text frame that says it has 2^40 bytes.
    socket.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    expect(await everything(socket)).toMatch(/^HTTP\/1\.1 101/);
  });
});
