import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opaqueSecret, proxyConfig, type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../../electron/engine/engine';
import { homeIdentity } from '../../../electron/engine/host/homeIdentity';
import { API_KEY, openApi } from '../../support/api';
import { importDebian } from '../../support/debian';
import {
  dockerHost,
  dockerItself,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { runInSandbox } from '../../support/runInSandbox';
import { readSandboxFile, writeSandboxFile } from '../../support/sandboxFiles';
import {
  FETCH,
  rawAnswer,
  startUpstreamServers,
  type UpstreamServers,
} from '../../support/upstreamServers';

/** Egress rules: the hosted service's client, servers of the host, Python in the sandbox. */

const SECRET = 'very-secret-4711';

let sandglass: Engine;
let client: SandboxClient;
let closeApi: () => Promise<void>;
let gateway: string;
let plain: UpstreamServers['plain'];
let secure: UpstreamServers['secure'];
let other: UpstreamServers['other'];
let upstream: UpstreamServers;

/** Returns the response to Python in a sandbox, which trusts an additional CA file if given. */
async function get(box: Sandbox, url: string, trusted = ''): Promise<string> {
  await box.write('/opt/get.py', FETCH);
  return (await box.run(`python3 /opt/get.py ${url} ${trusted}`)).stdout;
}

/** Label of this home: other files have objects on the same daemon. */
function homeLabel(): string {
  return `dev.sandglass.home=${homeIdentity(sandglass.home)}`;
}

function ownContainers() {
  return dockerItself().listContainers({ filters: { label: [homeLabel()] } });
}

function bearer(...hosts: string[]) {
  const headers = [{ name: 'Authorization', ...opaqueSecret(`Bearer ${SECRET}`) }];
  return { name: 'bearer', match_hosts: hosts, headers };
}

beforeAll(async () => {
  const image = await importDebian(dockerHost());
  upstream = await startUpstreamServers();
  ({ gateway, plain, secure, other } = upstream);
  sandglass = await openTestEngine({
    keepOpen: true,
    env: { NODE_EXTRA_CA_CERTS: upstream.certificate },
  });
  await sandglass.operations.settings.update({
    defaultImage: image,
    storeSecretsUnprotected: true,
  });
  const api = await openApi(sandglass, { keepOpen: true });
  closeApi = () => api.close();
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
}, 300_000);
afterEach(async () => {
  await removeEverything(sandglass);
  upstream.seen.length = 0;
});
afterAll(async () => {
  await closeApi();
  await sandglass.close();
  await upstream.stop();
});

it('a header is added over HTTP and HTTPS, and its secret is not in the sandbox or Docker', async () => {
  const rules = [{ ...bearer(gateway), env_vars: { TOOL_TOKEN: 'placeholder' } }];
  const box = await client.createSandbox({ name: 'box', proxyConfig: proxyConfig({ rules }) });
  const wanted = `/a?b=1 Bearer ${SECRET}`;
  expect(await get(box, `http://${gateway}:${plain.port}/a?b=1`)).toBe(wanted);
  expect(await get(box, `https://${gateway}:${secure.port}/a?b=1`)).toBe(wanted);
  expect(upstream.seen.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(
    true,
  );
  expect((await box.run('echo $TOOL_TOKEN')).stdout).toBe('placeholder\n');

  const found = await box.run(
    `env | grep -c ${SECRET}; cat /proc/[0-9]*/environ | grep -c ${SECRET}; grep -rl ${SECRET} / --exclude-dir=proc --exclude-dir=sys | head -3`,
  );
  expect(found.stdout).toBe('0\n0\n');
  const [container] = await ownContainers();
  const inspected = await dockerItself()
    .getContainer(container?.Id ?? '')
    .inspect();
  expect(JSON.stringify(inspected)).not.toContain(SECRET);
  expect(JSON.stringify(await client.getSandbox('box'))).not.toContain(SECRET);
  const shown = await sandglass.operations.sandboxes.get({ sandbox: 'box' });
  expect(shown.egress?.rules[0]?.headers).toEqual([
    { name: 'Authorization', secret: true, value: null },
  ]);
  for (const name of await readdir(sandglass.home)) {
    if (name === 'egress.json' || name.endsWith('.sock')) continue;
    expect(await readFile(join(sandglass.home, name), 'latin1')).not.toContain(SECRET);
  }
});

it('rules match by host, port and path, the first match wins, and a change takes effect at once', async () => {
  const plainHost = `${gateway}:${plain.port}`;
  const named = (name: string, value: string, more: object) => ({
    name,
    match_hosts: [plainHost],
    headers: [{ name: 'authorization', type: 'plaintext', value }],
    ...more,
  });
  const rules = [
    named('off', 'three', { enabled: false }),
    named('some', 'two', { match_paths: ['/v1/admin'] }),
    named('all', 'one', { match_paths: ['/v1/*'] }),
  ];
  const box = await client.createSandbox({ name: 'box', proxyConfig: proxyConfig({ rules }) });
  const url = (path: string) => `http://${plainHost}${path}`;
  expect(await get(box, url('/v1/x/y?q=1'))).toBe('/v1/x/y?q=1 one');
  expect(await get(box, url('/v1/admin'))).toBe('/v1/admin two');
  expect(await get(box, url('/v2'))).toBe('/v2 nobody');

  await client.updateSandbox('box', { proxyConfig: proxyConfig({ rules: [bearer(plainHost)] }) });
  expect(await get(box, url('/v2'))).toBe(`/v2 Bearer ${SECRET}`);
  // A secret that was returned without its value may be sent back unchanged.
  const kept = { ...bearer(plainHost), headers: [{ name: 'Authorization', type: 'opaque' }] };
  await client.updateSandbox('box', { proxyConfig: proxyConfig({ rules: [kept] }) });
  expect(await get(box, url('/v2'))).toBe(`/v2 Bearer ${SECRET}`);
  await client.updateSandbox('box', { proxyConfig: proxyConfig({ rules: [] }) });
  expect((await box.run('env | grep -ci proxy')).stdout).toBe('0\n');
});

it('TLS of a host without header rules is not intercepted', async () => {
  const rules = [bearer(`${gateway}:${secure.port}`)];
  const box = await client.createSandbox({ proxyConfig: proxyConfig({ rules }) });
  await box.write('/opt/upstream.pem', await readFile(upstream.certificate));
  const untouched = `https://${gateway}:${other.port}/x`;
  expect(await get(box, untouched, '/opt/upstream.pem')).toBe('/x nobody');
  // The proxy's certificate differs from the upstream server's.
  const opened = `https://${gateway}:${secure.port}/x`;
  expect(await get(box, opened, '/opt/upstream.pem')).toContain('CERTIFICATE_VERIFY_FAILED');
  expect(await get(box, opened)).toBe(`/x Bearer ${SECRET}`);
});

it('an allow list permits its hosts only, on a network without egress', async () => {
  const accessControl = { allow_list: [`${gateway}:${plain.port}`, '*.example.com'] };
  const box = await client.createSandbox({
    name: 'cut',
    proxyConfig: proxyConfig({ accessControl }),
  });
  expect(await get(box, `http://${gateway}:${plain.port}/a`)).toBe('/a nobody');
  expect(await get(box, `http://${gateway}:${secure.port}/a`)).toContain('403');
  const blocked = await get(box, `https://${gateway}:${secure.port}/a`);
  expect(blocked).toContain('403');
  // Docker blocks direct connections: its internal networks have no egress.
  const isInternal = async () => {
    const [container] = await ownContainers();
    const names = Object.keys(container?.NetworkSettings.Networks ?? {});
    const networks = names.map((name) => dockerItself().getNetwork(name).inspect());
    return (await Promise.all(networks)).map(({ Internal }) => Internal);
  };
  expect(await isInternal()).toEqual([true]);

  await box.stop();
  await box.start();
  expect(await isInternal()).toEqual([true]);
  expect(await get(box, `http://${gateway}:${plain.port}/b`)).toBe('/b nobody');

  await client.updateSandbox('cut', { proxyConfig: proxyConfig({ rules: [] }) });
  expect(await isInternal()).toEqual([false]);
});

it('a deny list blocks address ranges', async () => {
  const accessControl = { deny_list: [`${gateway}/32`] };
  const box = await client.createSandbox({ proxyConfig: proxyConfig({ accessControl }) });
  const refused = await get(box, `http://${gateway}:${plain.port}/a`);
  expect(refused).toContain('deny list');
  await client.updateSandbox(box.name, {
    proxyConfig: proxyConfig({ accessControl: { deny_list: ['192.0.2.0/24'] } }),
  });
  expect(await get(box, `http://${gateway}:${plain.port}/a`)).toBe('/a nobody');
});

it('the proxy blocks the host’s loopback, and serves only its own sandboxes', async () => {
  const box = await client.createSandbox({
    proxyConfig: proxyConfig({ rules: [bearer('x.test')] }),
  });
  const script = 'import os; print(os.environ["HTTP_PROXY"])';
  const proxy = new URL((await box.run(`python3 -c '${script}'`)).stdout.trim());
  const through = (target: string, token = proxy.password) => {
    const credentials = Buffer.from(`${proxy.username}:${token}`).toString('base64');
    return rawAnswer(
      proxy,
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`,
    );
  };
  for (const own of [
    '127.0.0.1:80',
    'localhost:80',
    '[::1]:80',
    '[::ffff:127.0.0.1]:80',
    '0.0.0.0:80',
  ]) {
    expect(await through(own)).toMatch(/^HTTP\/1.1 403/);
  }
  expect(await through(`${gateway}:${plain.port}`, 'wrong')).toMatch(/^HTTP\/1.1 407/);
  expect(await through(`${gateway}:${plain.port}`)).toMatch(/^HTTP\/1.1 200/);
});

it('a WebSocket gets its headers too', async () => {
  const upgraded = once(plain.server, 'upgrade');
  const host = `${gateway}:${plain.port}`;
  const box = await client.createSandbox({ proxyConfig: proxyConfig({ rules: [bearer(host)] }) });
  const proxy = new URL((await box.run('echo $HTTP_PROXY')).stdout.trim());
  const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
  const lines = [
    `GET http://${host}/socket HTTP/1.1`,
    `Host: ${host}`,
    `Proxy-Authorization: Basic ${credentials}`,
    'Connection: Upgrade',
    'Upgrade: test',
  ];
  const answered = rawAnswer(proxy, `${lines.join('\r\n')}\r\n\r\n`);
  const [request, socket] = (await upgraded) as [IncomingMessage, Socket];
  expect(request.headers.authorization).toBe(`Bearer ${SECRET}`);
  socket.end('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nhello');
  expect(await answered).toContain('hello');
});

it('the egress resources of a sandbox are deleted with it', async () => {
  const accessControl = { allow_list: ['example.com'] };
  const config = proxyConfig({ rules: [bearer('example.com')], accessControl });
  await client.createSandbox({ name: 'gone', proxyConfig: config });
  const own = () => dockerItself().listNetworks({ filters: { label: [homeLabel()] } });
  expect(
    (await own()).map(({ Internal, Labels }) => [Internal, Labels?.['dev.sandglass.kind']]),
  ).toEqual([[true, 'network']]);
  await client.deleteSandbox('gone');
  expect(await own()).toEqual([]);
  const { sandboxes } = JSON.parse(await readFile(join(sandglass.home, 'egress.json'), 'utf8'));
  expect(sandboxes).toEqual([]);
});

it('egress works at the same address after a restart of the app', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  const env = { NODE_EXTRA_CA_CERTS: upstream.certificate };
  const first = await openTestEngine({ home, env });
  await first.operations.settings.update({ storeSecretsUnprotected: true });
  const { snapshot, task } = await first.operations.snapshots.create({
    name: 'base',
    image: 'sandglass-test/debian:1',
  });
  await first.operations.tasks.wait({ id: task.id });
  const headers = [{ name: 'authorization', secret: true, value: SECRET }];
  const made = await first.operations.sandboxes.create({
    name: 'box',
    snapshotId: snapshot.id,
    egress: {
      rules: [{ name: 'r', hosts: [gateway], headers }],
      access: { mode: 'allow', hosts: [`${gateway}:${plain.port}`] },
    },
  });
  await first.operations.tasks.wait({ id: made.task.id });
  const url = `http://${gateway}:${plain.port}/again`;
  // It keeps running without the app, with the proxy's address.
  const loop = `while :; do python3 /opt/get.py ${url} > /opt/said.new; mv /opt/said.new /opt/said; sleep 0.2; done`;
  const bytes = new TextEncoder().encode(FETCH);
  await writeSandboxFile(first, { sandbox: 'box', path: '/opt/get.py', bytes });
  await runInSandbox(first, { sandbox: 'box', command: `(${loop}) >/dev/null 2>&1 &` });
  const said = async (engine: Engine) =>
    new TextDecoder().decode(await readSandboxFile(engine, { sandbox: 'box', path: '/opt/said' }));
  await eventually(async () => (await said(first).catch(() => '')) === `/again ${SECRET}`);
  await first.close();
  upstream.seen.length = 0;
  const second = await openTestEngine({ home, env });
  await eventually(async () =>
    upstream.seen.some((request) => request.headers.authorization === SECRET),
  );
  // Its last output may still be a refusal from the time without the app.
  await eventually(async () => (await said(second)) === `/again ${SECRET}`);
  await removeEverything(second);
  await second.close();
  await rm(home, { recursive: true, force: true });
});
