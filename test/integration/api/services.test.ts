import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { LangSmithValidationError, SandboxClient, type ServiceUrl } from 'langsmith/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import { DEBIAN_IMAGE, importDebian } from '../../support/debian';
import { dockerHost, eventually, openTestEngine, removeEverything } from '../../support/engine';
import { ask, HTTP_SERVICE, type ReceivedRequest } from '../../support/httpService';

/** Service URLs: the hosted service's client, a browser's requests, unpublished services. */

const TOKEN_HEADER = 'x-langsmith-sandbox-service-token';

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
beforeAll(async () => {
  await importDebian(dockerHost());
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: DEBIAN_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
}, 300_000);
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

async function startService(name: string): Promise<void> {
  const box = await client.getSandbox(name);
  await box.write('/opt/service.py', HTTP_SERVICE);
  await box.run('rm -f /tmp/go*; (python3 /opt/service.py) >/dev/null 2>&1 &');
  await eventually(async () =>
    (await box.run('cat /proc/net/tcp')).stdout.includes(':1F40 00000000:0000 0A'),
  );
}

describe('a service URL', () => {
  let service: ServiceUrl;
  let url: string;
  let token: string;
  beforeAll(async () => {
    await client.createSandbox({ name: 'box' });
    await startService('box');
  });
  afterAll(() => client.deleteSandbox('box'));
  beforeEach(async () => {
    service = (await client.serviceUrl('box', { port: 8000 })) as ServiceUrl;
    url = await service.serviceUrl();
    token = await service.token();
  });

  it('forwards to an unpublished service, with any method and status', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await service.fetch('/a/b?c=d', { method, headers: { 'x-mine': 'ü' } });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ method, path: '/a/b?c=d' });
    }
    expect((await service.fetch('/teapot')).status).toBe(418);
    expect((await service.fetch('/', { method: 'HEAD' })).headers.get('content-type')).toBe(
      'application/json',
    );
    const expiry = Date.parse(await service.expiresAt()) - Date.now();
    expect(expiry).toBeGreaterThan(500_000);
    expect(expiry).toBeLessThanOrEqual(600_000);
  });

  it('never passes its token to the service, in a header or a cookie', async () => {
    const { headers } = (await (await service.fetch('/')).json()) as ReceivedRequest;
    expect(JSON.stringify(headers)).not.toContain(token);
    const opened = await ask(await service.browserUrl());
    const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(cookie).toContain(token);
    const other = 'sandglass-service-other=secret';
    const seen = await ask(url, { cookie: `a=1; ${cookie}; ${other}; b=2` });
    expect((JSON.parse(seen.body) as ReceivedRequest).headers.cookie).toBe('a=1; b=2');
  });

  it('streams as the service does', async () => {
    const box = await client.getSandbox('box');
    const answer = await service.fetch('/stream');
    const reader = answer.body?.getReader();
    for (let part = 0; part < 3; part += 1) {
      // The service sends the next part only after this one was received.
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('part');
      await box.run(`touch /tmp/go${part}`);
    }
    expect((await reader?.read())?.done).toBe(true);
  });

  it('forwards bodies of any length in constant memory', async () => {
    const piece = Buffer.alloc(1024 ** 2, 7);
    const pieces = 128;
    const rss = process.memoryUsage().rss;
    const sent = httpRequest(`${url}upload`, {
      method: 'POST',
      headers: { [TOKEN_HEADER]: token, 'content-length': piece.length * pieces },
    });
    Readable.from(Array.from({ length: pieces }, () => piece)).pipe(sent);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const hash = createHash('sha256');
    for (let i = 0; i < pieces; i += 1) hash.update(piece);
    expect(JSON.parse(await text(answer))).toEqual({ sha256: hash.digest('hex') });
    expect(process.memoryUsage().rss - rss).toBeLessThan(96 * 1024 ** 2);
  });

  it('forwards WebSockets', async () => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: { [TOKEN_HEADER]: token } });
    await once(socket, 'open');
    for (const word of ['hello', 'x'.repeat(5000)]) {
      socket.send(word);
      expect(String((await once(socket, 'message'))[0])).toBe(word);
    }
    socket.close();
    await once(socket, 'close');
  });

  it('requires the token of its own port', async () => {
    const other = (await client.serviceUrl('box', { port: 8001 })) as ServiceUrl;
    for (const wrong of ['', 'x', token.slice(1), await other.token()]) {
      const refused = await ask(url, wrong ? { [TOKEN_HEADER]: wrong } : {});
      expect(refused.statusCode).toBe(401);
      expect(JSON.parse(refused.body).detail).toMatchObject({
        error: 'Unauthorized',
        error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
    const socket = new WebSocket(url.replace('http', 'ws'));
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('401');
    const foreign = await ask(url, { [TOKEN_HEADER]: token, host: 'evil.example' });
    expect(foreign.statusCode).toBe(403);
  });

  it('opens in a browser, and other pages cannot use its cookie', async () => {
    const opened = await ask(`${await service.browserUrl()}&redirect=/a%3Fb=c`);
    expect(opened.statusCode).toBe(303);
    expect(opened.headers.location).toBe('/a?b=c');
    const set = opened.headers['set-cookie']?.[0] ?? '';
    expect(set).toMatch(/; HttpOnly; SameSite=Lax$/);
    const cookie = set.split(';')[0] ?? '';
    expect((await ask(url, { cookie })).statusCode).toBe(200);
    const origin = url.slice(0, -1);
    expect((await ask(url, { cookie, origin })).statusCode).toBe(200);
    expect((await ask(url, { cookie, origin: 'http://127.0.0.1:1' })).statusCode).toBe(403);
    expect((await ask(url, { cookie, 'sec-fetch-site': 'same-site' })).statusCode).toBe(403);
    const link = { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask(url, link)).statusCode).toBe(200);
    expect((await ask(url, link, 'POST')).statusCode).toBe(403);
    for (const elsewhere of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/\t/e',
    ]) {
      const to = encodeURIComponent(elsewhere);
      const led = await ask(`${await service.browserUrl()}&redirect=${to}`);
      expect(new URL(led.headers.location ?? '', url).origin).toBe(origin);
    }
    expect((await ask(`${url}_svc/auth?token=wrong`)).statusCode).toBe(401);
  });

  it('is allowed in frames of the named pages only', async () => {
    const plain = await service.fetch('/');
    expect(plain.headers.get('content-security-policy')).toBe(
      "img-src 'none', frame-ancestors 'self'",
    );
    const page = 'https://app.example.com';
    const framed = (await client.serviceUrl('box', {
      port: 8000,
      embedOrigins: [page],
    })) as ServiceUrl;
    expect(framed.embedOrigins).toEqual([page]);
    const answer = await framed.fetch('/');
    expect(answer.headers.get('content-security-policy')).toContain(
      `frame-ancestors 'self' ${page}`,
    );
    const embed = new URL(await framed.embedUrl());
    expect(embed.hash).toBe(`#token=${await framed.token()}`);
    expect((await ask(embed.href)).body).toContain('action="/_svc/auth"');
    const form = `token=${await framed.token()}&redirect=/x`;
    const sent = httpRequest(`${url}_svc/auth`, {
      method: 'POST',
      headers: { 'content-length': form.length },
    }).end(form);
    const [kept] = (await once(sent, 'response')) as [IncomingMessage];
    expect(kept.headers.location).toBe('/x');
    expect(kept.headers['set-cookie']?.[0]).toContain('SameSite=None; Secure; Partitioned');
    for (const wrong of ['http://app.example.com', "https://a'; script-src *", '*']) {
      const refused = client.serviceUrl('box', { port: 8000, embedOrigins: [wrong] });
      await expect(refused).rejects.toBeInstanceOf(LangSmithValidationError);
    }
  });

  it('is renewed before it expires, at the same address', async () => {
    const short = (await client.serviceUrl('box', {
      port: 8000,
      expiresInSeconds: 1,
    })) as ServiceUrl;
    const raw = (short as unknown as { _token: string })._token;
    await eventually(async () => (await ask(url, { [TOKEN_HEADER]: raw })).statusCode === 401);
    // All of its tokens expire within 60 s, so each use requests a new one.
    expect((await short.fetch('/')).status).toBe(200);
    expect(await short.serviceUrl()).toBe(url);
  });

  it('reports a port without a listener', async () => {
    const idle = (await client.serviceUrl('box', { port: 4321 })) as ServiceUrl;
    const refused = await idle.fetch('/');
    expect(refused.status).toBe(502);
    const { detail } = (await refused.json()) as { detail: { error: string; message: string } };
    expect(detail.error).toBe('ConnectionError');
    expect(detail.message).toContain('Nothing listens on port 4321');
    const socket = new WebSocket((await idle.serviceUrl()).replace('http', 'ws'), {
      headers: { [TOKEN_HEADER]: await idle.token() },
    });
    expect(String((await once(socket, 'error'))[0])).toContain('502');
  });

  it('is listed and revoked, which closes its connections', async () => {
    await client.serviceUrl('box', { port: 8001 });
    const base = `${api.endpoint}/boxes/box/service-urls`;
    const headers = { 'x-api-key': API_KEY };
    const listed = (await (await fetch(base, { headers })).json()) as { items: object[] };
    expect(listed.items).toContainEqual({
      access: 'token',
      port: 8000,
      created_at: expect.any(String),
      expires_at: expect.any(String),
    });
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: { [TOKEN_HEADER]: token } });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const deleted = await fetch(`${base}?port=8000`, { method: 'DELETE', headers });
    expect(deleted.status).toBe(204);
    await closed;
    await expect(fetch(url)).rejects.toThrow();
    const left = (await (await fetch(base, { headers })).json()) as { items: { port: number }[] };
    expect(left.items.map(({ port }) => port)).not.toContain(8000);
    await fetch(base, { method: 'DELETE', headers });
    expect(await (await fetch(base, { headers })).json()).toMatchObject({ items: [] });
    const again = (await client.serviceUrl('box', { port: 8000 })) as ServiceUrl;
    expect(await again.serviceUrl()).toBe(url);
  });

  it('with a login is refused with the field', async () => {
    for (const access of ['restricted', 'workspace'] as const) {
      const refused = client.serviceUrl('box', { port: 8000, access });
      await expect(refused).rejects.toMatchObject({ field: 'access' });
      await expect(refused).rejects.toBeInstanceOf(LangSmithValidationError);
    }
    const seconds = client.serviceUrl('box', { port: 8000, expiresInSeconds: 86_401 });
    await expect(seconds).rejects.toMatchObject({ field: 'expires_in_seconds' });
  });
});

it('starts a stopped sandbox, and ends with a deleted one', async () => {
  await client.createSandbox({ name: 'box' });
  const service = (await client.serviceUrl('box', { port: 8000 })) as ServiceUrl;
  await client.stopSandbox('box');
  expect((await service.fetch('/')).status).toBe(502);
  expect((await client.getSandbox('box')).status).toBe('ready');
  await client.deleteSandbox('box');
  await eventually(
    async () =>
      await fetch(await service.serviceUrl()).then(
        () => false,
        () => true,
      ),
  );
});

it('service URLs end with the API that created them', async () => {
  const second = await openApi(sandglass);
  const other = new SandboxClient({ apiEndpoint: second.endpoint, apiKey: API_KEY, maxRetries: 0 });
  await other.createSandbox({ name: 'box' });
  const service = (await other.serviceUrl('box', { port: 8000 })) as ServiceUrl;
  expect((await service.fetch('/')).status).toBe(502);
  await second.close();
  await expect(fetch(await service.serviceUrl())).rejects.toThrow();
  await client.deleteSandbox('box');
});
