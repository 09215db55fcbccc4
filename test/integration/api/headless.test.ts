import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SandboxClient } from 'langsmith/sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { freshHome } from '../../support/engine';
import { startHeadless } from '../../support/headless';
import { freePort, takePort } from '../../support/ports';

/** `npm start -- --headless`: output, responses and remaining files of the process. */

const anyPort = { SANDGLASS_API_PORT: '0' };

interface Said {
  api: { state: string; address: string; socketPath: string };
}

function boxes(address: string, key: string): Promise<Response> {
  return fetch(`${address}/v2/sandboxes/boxes`, { headers: { 'x-api-key': key } });
}

/** Sends the same request over the Unix socket. */
function boxesOver(socketPath: string, key: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': key, host: 'localhost' };
    request({ socketPath, path: '/v2/sandboxes/boxes', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

async function keyOf(home: string): Promise<string> {
  return (await readFile(join(home, 'api-key'), 'utf8')).trim();
}

it('prints its address, serves there, and leaves only its data on SIGTERM', async () => {
  const home = await freshHome();
  const headless = await startHeadless({ SANDGLASS_HOME: home, ...anyPort });
  expect(headless.said).toMatchObject({
    ready: true,
    home,
    engine: { state: 'unreachable' },
    api: { state: 'listening', address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
  });
  const { api } = headless.said as unknown as Said;
  const key = await keyOf(home);
  expect(JSON.stringify(headless.said)).not.toContain(key);
  const answer = await boxes(api.address, key);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ sandboxes: [] });
  expect((await boxes(api.address, 'wrong')).status).toBe(401);
  expect(await boxesOver(api.socketPath, key)).toBe(200);
  expect((await stat(api.socketPath)).mode & 0o777).toBe(0o600);
  expect((await stat(join(home, 'api-key'))).mode & 0o777).toBe(0o600);

  expect(await headless.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const left = await readdir(home);
  expect(left).toContain('catalog.sqlite');
  expect(left.filter((name) => /\.sock$|-wal$|-shm$/.test(name))).toEqual([]);
  await expect(boxes(api.address, key)).rejects.toThrow();
});

it('ends cleanly on SIGTERM while a client holds a connection open', async () => {
  const home = await freshHome();
  const headless = await startHeadless({ SANDGLASS_HOME: home, ...anyPort });
  const { address } = (headless.said as unknown as Said).api;
  const half = connect(Number(new URL(address).port), '127.0.0.1');
  half.on('error', () => {});
  await once(half, 'connect');
  half.write('GET /v2/sandboxes/boxes HTTP/1.1\r\nHost: localhost\r\n');
  expect(await headless.end('SIGTERM')).toEqual({ code: 0, signal: null });
});

it('reads its port and key from the environment', async () => {
  const [home, port] = [await freshHome(), await freePort()];
  const headless = await startHeadless({
    SANDGLASS_HOME: home,
    SANDGLASS_API_PORT: String(port),
    SANDGLASS_API_KEY: 'from-the-environment',
  });
  const { address } = (headless.said as unknown as Said).api;
  expect(address).toBe(`http://127.0.0.1:${port}`);
  const client = new SandboxClient({
    apiEndpoint: `${address}/v2/sandboxes`,
    apiKey: 'from-the-environment',
  });
  expect(await client.listSandboxes()).toEqual([]);
  // The key is not stored: the next start without it generates one.
  expect(existsSync(join(home, 'api-key'))).toBe(false);
});

it('reports a taken port, and exits', async () => {
  const home = await freshHome();
  const { port, free } = await takePort();
  onTestFinished(free);
  const headless = await startHeadless({
    SANDGLASS_HOME: home,
    SANDGLASS_API_PORT: String(port),
  });
  expect(headless.said).toMatchObject({
    ready: false,
    error: {
      code: 'conflict',
      field: 'apiPort',
      message: `Port ${port} is in use by another program.`,
      hint: expect.stringContaining('choose another port'),
    },
  });
  expect(await headless.ended).toEqual({ code: 1, signal: null });
  expect(await readdir(home)).not.toContain('catalog.sqlite-wal');
});

it.each(['http', '70000', '-1', '80.5'])('refuses SANDGLASS_API_PORT=%s', async (port) => {
  const headless = await startHeadless({
    SANDGLASS_HOME: await freshHome(),
    SANDGLASS_API_PORT: port,
  });
  expect(headless.said).toMatchObject({
    ready: false,
    error: {
      code: 'invalid_input',
      message: `SANDGLASS_API_PORT: "${port}" is not a port number.`,
      hint: 'Use a number from 1 to 65535, or 0 for any free port.',
    },
  });
  expect(await headless.ended).toEqual({ code: 1, signal: null });
});

it('takes over the socket of a killed process, and keeps its key', async () => {
  const home = await freshHome();
  const env = { SANDGLASS_HOME: home, ...anyPort };
  const killed = await startHeadless(env);
  const key = await keyOf(home);
  await killed.end('SIGKILL');
  expect(await readdir(home)).toContain('api.sock');

  const next = await startHeadless(env);
  const { socketPath } = (next.said as unknown as Said).api;
  expect(await boxesOver(socketPath, key)).toBe(200);
});

it('keeps a free port for the next start, unless the environment sets one', async () => {
  const home = await freshHome();
  await writeFile(join(home, 'settings.json'), JSON.stringify({ apiPort: 0 }));
  const first = await startHeadless({ SANDGLASS_HOME: home, SANDGLASS_API_PORT: '' });
  const { address } = (first.said as unknown as Said).api;
  await first.end('SIGTERM');
  const second = await startHeadless({ SANDGLASS_HOME: home, SANDGLASS_API_PORT: '' });
  expect((second.said as unknown as Said).api.address).toBe(address);
  await second.end('SIGTERM');
  const port = await freePort();
  const third = await startHeadless({ SANDGLASS_HOME: home, SANDGLASS_API_PORT: String(port) });
  expect((third.said as unknown as Said).api.address).toContain(`:${port}`);
  await third.end('SIGTERM');
  const stored = JSON.parse(await readFile(join(home, 'settings.json'), 'utf8'));
  expect(address).toContain(`:${stored.apiPort}`);
});
