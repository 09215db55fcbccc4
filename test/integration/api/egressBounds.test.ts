import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { LangSmithSandboxError, proxyConfig, type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { homeIdentity } from '../../../electron/engine/host/homeIdentity';
import { apiOfThisFile, thrownBy } from '../../support/api';
import { dockerItself, eventually, removeEverything } from '../../support/engine';

/** Limits of a sandbox with rules or an access list. */

const HERE = 'host.docker.internal';

const api = apiOfThisFile();
let client: SandboxClient;
let upstream: Server;
let port: number;
const received: Array<{ line: string; header: unknown; body: string }> = [];

beforeAll(async () => {
  client = new SandboxClient(api.config);
  await api.sandglass.operations.settings.update({ storeSecretsUnprotected: true });
  upstream = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method, url, headers } = incoming;
    received.push({ line: `${method} ${url}`, header: headers['x-key'], body });
    response.end('reached');
  });
  const sockets = new WebSocketServer({ server: upstream });
  sockets.on('connection', (socket, { headers }) => socket.send(`key ${headers['x-key']}`));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  ({ port } = upstream.address() as AddressInfo);
});
afterEach(async () => {
  await removeEverything(api.sandglass);
  received.length = 0;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});

function key(more: Record<string, unknown> = {}) {
  const headers = [{ name: 'X-Key', type: 'opaque', value: 'secret-4711' }];
  return { name: 'key', match_hosts: [`${HERE}:${port}`], headers, ...more };
}

/** Allows a sandbox to reach the test's server. */
function config(...more: string[]) {
  return { rules: [key()], access_control: { allow_list: [`${HERE}:${port}`, ...more] } };
}

async function proxyOf(box: Sandbox): Promise<URL> {
  return new URL((await box.run('echo $HTTP_PROXY')).stdout.trim());
}

function loginOf({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Sends a request through the proxy as the sandbox would, from the host: needs no image. */
async function ask(
  proxy: URL,
  path: string,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<{ status?: number; text: string }> {
  const asked = request({
    ...{ host: proxy.hostname, port: proxy.port, path, method },
    headers: { 'proxy-authorization': loginOf(proxy), ...headers },
  });
  const [answer] = (await once(asked.end(body), 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, text };
}

async function tunnelTo(proxy: URL, target: string): Promise<Socket> {
  const asked = request({
    ...{ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target },
    headers: { 'proxy-authorization': loginOf(proxy) },
  });
  const [answer, socket] = (await once(asked.end(), 'connect')) as [IncomingMessage, Socket];
  expect(answer.statusCode).toBe(200);
  return socket;
}

const url = (path: string) => `http://${HERE}:${port}${path}`;

async function addressOf({ id }: Sandbox): Promise<string> {
  const docker = dockerItself();
  const filters = { label: [`dev.sandglass.id=${id}`] };
  const [found] = await docker.listContainers({ filters });
  const { NetworkSettings } = await docker.getContainer(found?.Id ?? '').inspect();
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '';
}

function networks() {
  const label = [`dev.sandglass.home=${homeIdentity(api.sandglass.home)}`];
  return dockerItself().listNetworks({ filters: { label } });
}

it('a service of the host is reachable by Docker’s name for it, if listed', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  expect((await box.run(`wget -qO- ${url('/a')}`)).stdout).toBe('reached');
  expect(received).toEqual([{ line: 'GET /a', header: 'secret-4711', body: '' }]);
});

it('an access list has a separate network, with egress through the proxy only', async () => {
  const neighbour = await client.createSandbox();
  const there = await addressOf(neighbour);
  const box = await client.createSandbox({ proxyConfig: proxyConfig({ rules: [key()] }) });
  expect(await networks()).toEqual([]);

  await client.updateSandbox(box.name, { proxyConfig: config() });
  await client.createSandbox({ proxyConfig: { access_control: { allow_list: ['*'] } } });
  expect((await networks()).map(({ Internal }) => Internal)).toEqual([true, true]);
  for (const _ of ['before a start', 'after it']) {
    expect((await box.run(`wget -O- http://${there}:8000/`)).stderr).toContain('403');
    expect((await box.run(`wget -qO- ${url('/still')}`)).stdout).toBe('reached');
    await box.stop();
    await box.start();
  }

  // Any other route would need CAP_NET_ADMIN: bit 12 (linux/capability.h).
  const { stdout } = await box.run("sed -n 's/^CapBnd:[^0-9a-f]*//p' /proc/self/status");
  expect((BigInt(`0x${stdout.trim()}`) >> 12n) & 1n).toBe(0n);

  await client.updateSandbox(box.name, { proxyConfig: proxyConfig() });
  expect(await networks()).toHaveLength(1);
});

it('no method echoes the headers, and no body is parsed as a request', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  const proxy = await proxyOf(box);
  expect(await ask(proxy, url('/'), { method: 'TRACE' })).toMatchObject({ status: 405 });
  const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${HERE}\r\n\r\n`;
  for (const method of ['DELETE', 'GET']) {
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await ask(proxy, url('/x'), { method, headers, body: smuggled })).toMatchObject({
      status: 200,
    });
  }
  expect(received.map(({ line, body }) => [line, body])).toEqual([
    ['DELETE /x', smuggled],
    ['GET /x', smuggled],
  ]);
});

it('an unreachable server is reported, also during an upload', async () => {
  const box = await client.createSandbox({ proxyConfig: config('host.docker.internal:9') });
  const proxy = await proxyOf(box);
  const body = 'x'.repeat(5_000_000);
  const told = await ask(proxy, `http://${HERE}:9/`, { method: 'POST', body });
  expect(told).toMatchObject({ status: 502, text: expect.stringContaining('ECONNREFUSED') });
});

it('plain HTTP in a tunnel gets its headers too, as WebSocket clients send it', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  const socket = await tunnelTo(await proxyOf(box), `${HERE}:${port}`);
  const lines = [
    ...['GET / HTTP/1.1', `Host: ${HERE}:${port}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
  ];
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk;
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await eventually(async () => said.includes('key secret-4711'));
  expect(said).toMatch(/^HTTP\/1\.1 101 /);
  socket.destroy();
});

it('open connections are closed when the rules change', async () => {
  const accessControl = { allow_list: [`${HERE}:${port}`] };
  const box = await client.createSandbox({ proxyConfig: proxyConfig({ accessControl }) });
  const socket = await tunnelTo(await proxyOf(box), `${HERE}:${port}`);
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  await client.updateSandbox(box.name, {
    proxyConfig: proxyConfig({ accessControl: { allow_list: ['api.example.com'] } }),
  });
  await closed;
});

it('a secret is not kept for new hosts', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  const kept = [{ name: 'X-Key', type: 'opaque' }];
  const moved = key({ match_hosts: [`${HERE}:${port}`, 'evil.example'], headers: kept });
  const refused = await thrownBy(
    client.updateSandbox(box.name, { proxyConfig: { ...config(), rules: [moved] } }),
  );
  expect(refused).toBeInstanceOf(LangSmithSandboxError);
  expect(refused.message).toContain('new hosts');
  await client.updateSandbox(box.name, {
    proxyConfig: { ...config(), rules: [key({ headers: kept, match_paths: ['/only/*'] })] },
  });
  await box.run(`wget -qO- ${url('/only/this')}; wget -qO- ${url('/other')}`);
  expect(received.map(({ header }) => header)).toEqual(['secret-4711', undefined]);
});

it('variables of a rule are overridden by those of the sandbox and of a command', async () => {
  const rule = key({ env_vars: { TOKEN: 'rule', OWN: 'rule' } });
  const box = await client.createSandbox({
    runConfig: { env_vars: { OWN: 'sandbox' } },
    proxyConfig: proxyConfig({ rules: [rule] }),
  });
  const said = 'echo $TOKEN $OWN $NODE_USE_ENV_PROXY';
  expect((await box.run(said)).stdout).toBe('rule sandbox 1\n');
  expect((await box.run(said, { env: { OWN: 'command' } })).stdout).toBe('rule command 1\n');
});

it('without rules no proxy listens, and no network is left', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  const proxy = await proxyOf(box);
  expect(await networks()).toHaveLength(1);
  await box.delete();
  await eventually(async () => {
    const socket = connect({ host: proxy.hostname, port: Number(proxy.port) });
    const [error] = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch(
      (thrown: unknown) => [thrown],
    );
    socket.destroy();
    return error instanceof Error;
  });
  expect(await networks()).toEqual([]);
});

it('a capture of its sandbox boots without its rules', async () => {
  const box = await client.createSandbox({ proxyConfig: config() });
  await box.run('true');
  const captured = await client.captureSnapshot(box.name, 'from-it');
  const copy = await client.createSandbox(captured.id);
  const { stdout } = await copy.run('env; ls -a /tmp; find / -xdev -name "*sandglass*"');
  expect(stdout).not.toMatch(/_proxy|SSL_CERT_FILE|sandglass-ca/i);
});

it.each([
  ['Host', 'x'],
  ['Transfer-Encoding', 'chunked'],
  ['Proxy-Authorization', 'x'],
])('the header %s is the connection’s and no rule’s', async (name, value) => {
  const headers = [{ name, type: 'plaintext', value }];
  const refused = await thrownBy(
    client.createSandbox({ proxyConfig: proxyConfig({ rules: [key({ headers })] }) }),
  );
  expect(refused).toMatchObject({ field: 'name' });
});

it('an expression with catastrophic backtracking is refused', async () => {
  const refused = await thrownBy(
    client.createSandbox({
      proxyConfig: proxyConfig({ accessControl: { allow_list: ['~(a+)+\\1'] } }),
    }),
  );
  expect(refused).toMatchObject({ field: 'access', message: expect.stringContaining('RE2') });
});
