import { LangSmithValidationError, type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import { eventually, openTestEngine, removeEverything, TEST_IMAGE } from '../../support/engine';

/** Download links: each gives access to one file, without the key. */

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let box: Sandbox;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
  box = await client.createSandbox({ name: 'box' });
  await box.write('/opt/report.txt', '0123456789');
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

/** Creates a link over HTTP, with fields that the hand-written client lacks. */
async function mint(body: object): Promise<Response> {
  return await fetch(`${api.endpoint}/boxes/box/download-url`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('a download link', () => {
  it('serves its file without the key, whole or in ranges, and does not expire by default', async () => {
    const link = await client.generateDownloadURL('box', '/opt/report.txt');
    expect(link.expires_at).toBeNull();
    const whole = await fetch(link.download_url);
    expect(whole.status).toBe(200);
    expect(await whole.text()).toBe('0123456789');
    expect(whole.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''report.txt",
    );
    const part = await fetch(link.download_url, { headers: { range: 'bytes=2-4' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(await part.text()).toBe('234');
    const head = await fetch(link.download_url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('10');
    expect((await box.generateDownloadURL('/opt/report.txt')).download_url).toContain(api.address);
  });

  it('is valid for its own file and sandbox only', async () => {
    const link = await client.generateDownloadURL('box', '/opt/report.txt');
    const [payload = '', mac = ''] = link.token.split('.');
    const grant = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const forged = Buffer.from(JSON.stringify({ ...grant, path: '/etc/passwd' }));
    const tokens = [
      `${forged.toString('base64url')}.${mac}`,
      `${payload}.${mac.slice(0, -2)}`,
      payload,
      '',
      'x'.repeat(5000),
    ];
    for (const token of tokens) {
      const refused = await fetch(`${api.address}/downloads?token=${token}`);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ detail: { error: 'Unauthorized' } });
    }
    const twice = await fetch(`${link.download_url}&token=x`);
    expect(twice.status).toBe(401);
    // It gives no other access.
    const elsewhere = await fetch(`${api.endpoint}/boxes?token=${link.token}`);
    expect(elsewhere.status).toBe(401);
    const posted = await fetch(link.download_url, { method: 'POST' });
    expect(posted.status).toBe(401);
  });

  it('expires at its time', async () => {
    const link = await client.generateDownloadURL('box', '/opt/report.txt', {
      expiresInSeconds: 1,
    });
    expect(Date.parse(link.expires_at ?? '')).toBeLessThanOrEqual(Date.now() + 1000);
    await eventually(async () => (await fetch(link.download_url)).status === 401);
  });

  it('serves HTML in a sandbox without scripts or requests', async () => {
    await box.write('/opt/page.html', '<script>alert(1)</script>');
    const link = await client.generateDownloadURL('box', '/opt/page.html', {
      contentType: 'text/html; charset=utf-8',
      contentDisposition: 'inline',
    });
    const shown = await fetch(link.download_url);
    expect(shown.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(shown.headers.get('content-disposition')).toMatch(/^inline;/);
    expect(shown.headers.get('content-security-policy')).toBe(
      "sandbox; default-src 'unsafe-inline' data: blob:",
    );
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    const loose = await mint({ path: '/opt/page.html', csp_sandbox_flags: ['allow-scripts'] });
    const { download_url } = (await loose.json()) as { download_url: string };
    const policy = (await fetch(download_url)).headers.get('content-security-policy');
    expect(policy).toMatch(/^sandbox allow-scripts;/);
    for (const wrong of [
      { csp_sandbox: false },
      { csp_sandbox_flags: ['allow-same-origin'] },
      { csp_source_bundles: ['any'] },
    ]) {
      const refused = await mint({ path: '/opt/page.html', ...wrong });
      expect(refused.status).toBe(422);
      expect(await refused.text()).toContain(Object.keys(wrong)[0]);
    }
  });

  it('sends names of any kind without header injection', async () => {
    const path = `/opt/ä "1"\r\nset-cookie: a=b; (x)'.txt`;
    await box.write(path, 'odd');
    const link = await client.generateDownloadURL('box', path);
    const answer = await fetch(link.download_url);
    expect(await answer.text()).toBe('odd');
    expect(answer.headers.get('set-cookie')).toBeNull();
    const [, name = ''] = (answer.headers.get('content-disposition') ?? '').split("UTF-8''");
    expect(decodeURIComponent(name)).toBe(path.slice('/opt/'.length));
    const wrong = client.generateDownloadURL('box', path, { contentType: 'text/html\r\nx: y' });
    await expect(wrong).rejects.toBeInstanceOf(LangSmithValidationError);
    const disposition = { contentDisposition: 'form-data' as 'inline' };
    await expect(client.generateDownloadURL('box', path, disposition)).rejects.toMatchObject({
      field: 'content_disposition',
    });
  });

  it('starts its sandbox, and ends with it', async () => {
    await client.createSandbox({ name: 'other' });
    await (await client.getSandbox('other')).write('/opt/f', 'x');
    const link = await client.generateDownloadURL('other', '/opt/f');
    await client.stopSandbox('other');
    expect(await (await fetch(link.download_url)).text()).toBe('x');
    await client.deleteSandbox('other');
    await client.createSandbox({ name: 'other' });
    // A new sandbox with the same name is different.
    expect((await fetch(link.download_url)).status).toBe(404);
    const missing = await client.generateDownloadURL('box', '/opt/missing');
    expect((await fetch(missing.download_url)).status).toBe(404);
  });
});
