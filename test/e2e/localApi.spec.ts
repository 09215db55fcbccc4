import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ElectronApplication, Locator, Page } from '@playwright/test';
import {
  LangSmithResourceNotFoundError,
  LangSmithSandboxAuthenticationError,
  SandboxClient,
} from 'langsmith/sandbox';
import { WebSocket } from 'ws';
import { TEST_IMAGE } from '../support/images';
import { freePort, takePort } from '../support/ports';
import { type RunningApp, startApp } from './support/app';
import { test as base, expect } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  card,
  choose,
  deleteSandbox,
  goTo,
  sandboxRow,
} from './support/steps';

/** The local API, used by a window and a program at the same time. */

const GIB = 1024 ** 3;
const project = resolve(import.meta.dirname, '../..');

/** An app with the port of the settings, not of the environment. */
const test = base.extend<{ served: RunningApp }>({
  served: async ({ daemon, home }, use) => {
    const settings = { apiPort: 0, defaultImage: TEST_IMAGE };
    await writeFile(join(home, 'settings.json'), JSON.stringify(settings));
    const running = await startApp({
      dockerHost: daemon.host,
      home,
      env: { SANDGLASS_API_PORT: '' },
    });
    await use(running);
    await running.quit();
  },
});

function localApi(window: Page) {
  return window.getByRole('region', { name: 'Local API' });
}

/** Address in Settings. */
async function addressOf(window: Page): Promise<string> {
  await goTo(window, 'Settings');
  const api = localApi(window);
  await expect(api.getByRole('status')).toHaveText('Listening on this computer only');
  return (await api.getByText(/^http:\/\/127\.0\.0\.1:\d+$/).textContent()) ?? '';
}

async function keyOf(home: string): Promise<string> {
  return (await readFile(join(home, 'api-key'), 'utf8')).trim();
}

function clientOf(address: string, apiKey: string): SandboxClient {
  return new SandboxClient({ apiEndpoint: `${address}/v2/sandboxes`, apiKey, maxRetries: 0 });
}

async function clipboardOf(app: ElectronApplication): Promise<string> {
  return await app.evaluate(({ clipboard }) => clipboard.readText());
}

/** Presses a copy button and waits for its confirmation. */
async function copy(api: Locator, name: string): Promise<void> {
  const said = api.getByRole('button', { name: 'Copied' }).waitFor();
  await api.getByRole('button', { name }).click();
  await said;
}

async function changePort(window: Page, port: number): Promise<void> {
  await localApi(window).getByLabel('Port').fill(String(port));
  await localApi(window).getByLabel('Port').press('Enter');
}

test('changes by a program appear in the window at once, and vice versa', async ({
  served: { window, home },
}) => {
  const client = clientOf(await addressOf(window), await keyOf(home));
  await goTo(window, 'Snapshots');

  await client.createSnapshot('from-program', TEST_IMAGE, GIB);
  await expect(card(window, 'from-program').getByRole('button', { name: 'Boot' })).toBeVisible();
  const box = await client.createSandbox({ snapshotName: 'from-program', name: 'api-box' });
  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'api-box')).toContainText('Running');

  await sandboxRow(window, 'api-box').getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => client.getSandboxStatus('api-box')).toMatchObject({ status: 'stopped' });
  await expect(sandboxRow(window, 'api-box')).toContainText('Stopped');
  expect((await box.run('echo again')).stdout).toBe('again\n');
  await expect(sandboxRow(window, 'api-box')).toContainText('Running');
  await client.updateSandbox('api-box', 'renamed-box');
  await expect(sandboxRow(window, 'renamed-box')).toBeVisible();
  await deleteSandbox(window, 'renamed-box');
  await expect.poll(() => client.listSandboxes()).toEqual([]);
  await expect(client.getSandbox('renamed-box')).rejects.toBeInstanceOf(
    LangSmithResourceNotFoundError,
  );

  await buildSnapshot(window, 'from-window');
  await bootSandbox(window, 'from-window', 'window-box');
  expect((await client.getSandbox('window-box')).status).toBe('ready');
  await client.deleteSandbox('window-box');
  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'window-box')).toHaveCount(0);
});

test('a new key revokes the old one', async ({ served: { app, window, home } }) => {
  const address = await addressOf(window);
  const old = await keyOf(home);
  await clientOf(address, old).createSnapshot('base', TEST_IMAGE, GIB);
  await clientOf(address, old).createSandbox({ snapshotName: 'base', name: 'box' });
  const url = `${address.replace('http', 'ws')}/v2/sandboxes/box/execute/ws`;
  const socket = new WebSocket(url, { headers: { 'x-api-key': old } });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'execute', command: 'sleep 1000', shell: '/bin/sh' }));
  const [started] = await once(socket, 'message');
  expect(JSON.parse(String(started))).toMatchObject({ type: 'started' });
  const closed = once(socket, 'close');

  const api = localApi(window);
  await expect(api.getByText(old)).toHaveCount(0);
  await api.getByRole('button', { name: 'Show key' }).click();
  await expect(api.getByText(old, { exact: true })).toBeVisible();
  await api.getByRole('button', { name: 'New key…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Generate a new key?' });
  await dialog.getByRole('button', { name: 'Generate new key' }).click();
  await expect(dialog).toBeHidden();

  const [code] = await closed;
  expect(code).toBe(1001);
  await expect(clientOf(address, old).listSandboxes()).rejects.toBeInstanceOf(
    LangSmithSandboxAuthenticationError,
  );
  await copy(api, 'Copy key');
  const key = await clipboardOf(app);
  expect(key).toBe(await keyOf(home));
  expect(key).not.toBe(old);
  await expect(api.getByText(key, { exact: true })).toBeVisible();
  await api.getByRole('button', { name: 'Hide key' }).click();
  await expect(window.locator('body')).not.toContainText(key);
  // Running commands continue.
  const [box] = await clientOf(address, key).listSandboxes();
  expect((await box?.run('pidof sleep'))?.stdout).toMatch(/^\d+/);
});

test('the API moves to another port, reports taken ports, and ends when switched off', async ({
  served: { window, home },
}) => {
  const key = await keyOf(home);
  const first = await addressOf(window);
  const api = localApi(window);

  await test.step('to a free one', async () => {
    const port = await freePort();
    await changePort(window, port);
    await expect(api.getByText(`http://127.0.0.1:${port}`, { exact: true })).toBeVisible();
    const address = await addressOf(window);
    expect(await clientOf(address, key).listSandboxes()).toEqual([]);
    await expect(fetch(first)).rejects.toThrow('fetch failed');
  });

  await test.step('to one that is taken, until it is free', async () => {
    const { port, free } = await takePort();
    await changePort(window, port);
    await expect(api.getByRole('alert')).toContainText(
      `Port ${port} is in use by another program.`,
    );
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: /The local API is not running/ }).click();
    await api.getByRole('button', { name: 'Try again' }).click();
    await expect(api.getByRole('button', { name: 'Try again' })).toBeEnabled();
    await expect(api.getByRole('alert')).toBeVisible();
    await free();
    await api.getByRole('button', { name: 'Try again' }).click();
    await expect(api.getByText(`http://127.0.0.1:${port}`, { exact: true })).toBeVisible();
  });

  await test.step('to any free one, which it keeps', async () => {
    const { port, free } = await takePort();
    await changePort(window, port);
    await api.getByRole('button', { name: 'Use a free port' }).click();
    const address = await addressOf(window);
    expect(await clientOf(address, key).listSandboxes()).toEqual([]);
    await expect(api.getByLabel('Port')).toHaveValue(new URL(address).port);
    await free();
  });

  await test.step('what is no port is refused where it is typed', async () => {
    await changePort(window, 70_000);
    await expect(api.getByLabel('Port')).toHaveAttribute('aria-invalid', 'true');
    await expect(api.getByText('A port must be from 1 to 65535')).toBeVisible();
  });

  await test.step('off and on again', async () => {
    const address = await addressOf(window);
    // The checkbox follows the setting asynchronously; `uncheck` expects it at once.
    await api.getByRole('checkbox', { name: /Serve the API/ }).click();
    await expect(api.getByRole('status')).toHaveText('Off');
    await expect(fetch(address)).rejects.toThrow('fetch failed');
    await choose(window, 'local api on');
    expect(await addressOf(window)).toBe(address);
    expect(await clientOf(address, key).listSandboxes()).toEqual([]);
  });
});

test('the example commands work unchanged', async ({ served: { app, window, home } }) => {
  const address = await addressOf(window);
  const api = localApi(window);
  const linesOf = async (language: string) => {
    await api.getByRole('tab', { name: language }).click();
    await copy(api, `Copy ${language} example`);
    return await clipboardOf(app);
  };
  const run = async (command: string, ...args: string[]) =>
    (await promisify(execFile)(command, args, { cwd: project })).stdout;

  const typescript = await linesOf('TypeScript');
  expect(await run(process.execPath, '--input-type=module', '-e', typescript)).toMatch(
    /^hello from \S+\n/,
  );
  expect(JSON.parse(await run('sh', '-c', await linesOf('Shell')))).toMatchObject({
    sandboxes: [],
  });
  const python = await linesOf('Python');
  expect(python).toContain(`api_endpoint='${address}/v2/sandboxes'`);
  expect(python).toContain(`api_key='${await keyOf(home)}'`);

  await choose(window, 'copy the api address');
  await expect(window.getByText('Address copied.')).toBeVisible();
  expect(await clipboardOf(app)).toBe(address);
});

test('settings from the environment are shown as fixed', async ({ home }) => {
  const port = await freePort();
  const { window, quit } = await startApp({
    dockerHost: 'unix:///nowhere/docker.sock',
    home,
    env: { SANDGLASS_API_PORT: String(port), SANDGLASS_API_KEY: 'of-the-environment' },
  });
  const address = await addressOf(window);
  expect(address).toBe(`http://127.0.0.1:${port}`);
  const api = localApi(window);
  await expect(api.getByLabel('Port')).toHaveCount(0);
  await expect(api.getByText('Set by SANDGLASS_API_PORT.')).toBeVisible();
  await expect(api.getByText('Set by SANDGLASS_API_KEY.')).toBeVisible();
  await expect(api.getByRole('button', { name: 'New key…' })).toHaveCount(0);
  expect(await clientOf(address, 'of-the-environment').registries.list()).toMatchObject({
    registries: [],
  });
  await quit();
});
