import { readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/engine';
import { BOXES, expectRefusal, rawApiOfThisFile } from '../../support/rawApi';
import { openConnection, rawRequest, requestBytes } from '../../support/rawHttp';
import { runInSandbox } from '../../support/runInSandbox';

/** Bodies that no well-behaved client sends, byte for byte. */

const raw = rawApiOfThisFile();

describe('bodies', () => {
  const post = (body: string | Buffer, headers: ReadonlyArray<readonly [string, string]> = []) =>
    rawRequest(raw.api.port, { path: BOXES, method: 'POST', body, headers });

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
    const answer = await rawRequest(raw.api.port, { path, method: 'POST', body });
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
  ])('as %s a body is refused or read', async (type) => {
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
    const answer = await rawRequest(raw.api.port, { path, method: 'POST', body });
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
  ])('a form with %s is refused, and leaves nothing behind', async (_name, type, body) => {
    const answer = await rawRequest(raw.api.port, {
      path: `/v2/sandboxes/${raw.box}/upload?path=/opt/from-a-form`,
      method: 'POST',
      body,
      headers: [['Content-Type', type]],
    });
    expectRefusal(answer, 400, 415, 422);
    const look = { sandbox: raw.box, command: 'ls /opt' };
    expect((await runInSandbox(raw.sandglass, look)).stdout).not.toContain('from-a-form');
    await nothingIsLeft();
  });

  it('an aborted upload leaves nothing behind', async () => {
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=b']) {
      const socket = await openConnection(raw.api.port);
      const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n';
      socket.write(
        requestBytes({
          path: `/v2/sandboxes/${raw.box}/upload?path=/opt/broken-off`,
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
    const look = { sandbox: raw.box, command: 'ls /opt' };
    expect((await runInSandbox(raw.sandglass, look)).stdout).not.toContain('broken-off');
  });
});

/** Folders and open files of uploads in progress. */
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
