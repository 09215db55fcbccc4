import { describe, expect, it } from 'vitest';
import { API_KEY } from '../../support/api';
import { BOXES, expectRefusal, rawApiOfThisFile, upgrade } from '../../support/rawApi';
import { exchange, rawRequest } from '../../support/rawHttp';
import { runInSandbox } from '../../support/runInSandbox';

/** Requests that no well-behaved client sends, byte for byte: keys, hosts and addresses. */

const raw = rawApiOfThisFile();

describe.each(['on its port', 'on its Unix socket'])('%s', (where) => {
  const target = () => (where === 'on its port' ? raw.api.port : raw.socketPath);

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
      { path: `/v2/sandboxes/${raw.box}/execute/ws`, headers: [...upgrade, ...headers] },
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
      const path = `/v2/sandboxes/${raw.box}/execute/ws`;
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
  )('%s is refused', async (_name, path) => {
    expectRefusal(await rawRequest(raw.api.port, { path }), 400, 404, 414, 422);
    expectRefusal(await rawRequest(raw.api.port, { path, method: 'DELETE' }), 400, 404, 414, 422);
    expectRefusal(
      await rawRequest(raw.api.port, { path, method: 'POST', body: '{}' }),
      ...[400, 404, 414, 422],
    );
    expectRefusal(await rawRequest(raw.api.port, { path, headers: [...upgrade] }), 400, 404, 414);
  });

  it.each(['OPTIONS', 'TRACE', 'PUT', 'PROPFIND', 'LINK', 'PATCH', 'BREW'])(
    'the method %s does nothing',
    async (method) => {
      expectRefusal(await rawRequest(raw.api.port, { path: BOXES, method }), 400, 404, 405);
    },
  );

  it('CONNECT opens no tunnel', async () => {
    const answer = await rawRequest(raw.api.port, { path: 'evil.example:80', method: 'CONNECT' });
    expect(answer.status).toBe(0);
  });

  it('HEAD responds as GET without the body', async () => {
    const answer = await rawRequest(raw.api.port, { path: BOXES, method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    ['with a NUL', 'a%00b'],
    ['of nothing', ''],
    ['of a NUL', '%00'],
    ['too long', 'x'.repeat(5000)],
  ])('a file at a path %s is refused', async (_name, path) => {
    const at = (call: string) => `/v2/sandboxes/${raw.box}/${call}?path=${path}`;
    expectRefusal(await rawRequest(raw.api.port, { path: at('download') }), 422);
    const body = 'x';
    const headers = [['Content-Type', 'application/octet-stream']] as const;
    expectRefusal(
      await rawRequest(raw.api.port, { path: at('upload'), method: 'POST', body, headers }),
      422,
    );
  });

  it('a path that leaves the sandbox stays inside it', async () => {
    const path = `/v2/sandboxes/${raw.box}/download?path=../../../../../../etc/hostname`;
    const answer = await rawRequest(raw.api.port, { path });
    const inside = await runInSandbox(raw.sandglass, {
      sandbox: raw.box,
      command: 'cat /etc/hostname',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(inside.stdout);
  });
});
