import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { openWithApi } from '../../electron/api/localApi';
import { eventually, freshHome } from '../support/engine';
import { freePort } from '../support/ports';

/** Start, restart and address of the local API as settings change. */

async function open(options: { home?: string; env?: NodeJS.ProcessEnv } = {}) {
  const home = options.home ?? (await freshHome());
  const sandglass = openWithApi({
    home,
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock', SANDGLASS_API_PORT: '0', ...options.env },
  });
  onTestFinished(() => sandglass.close());
  return { ...sandglass, home };
}

/** Returns whether the port is free. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  const outcome = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  server.close();
  return outcome;
}

function portOf({ address }: LocalApiStatus): number {
  return Number(new URL(address ?? '').port);
}

it('the last of many rapid changes wins', async () => {
  const { operations } = await open();
  for (let turn = 0; turn < 20; turn += 1) {
    await operations.settings.update({ apiEnabled: turn % 2 === 1 });
  }
  await eventually(async () => (await operations.localApi.status()).state === 'listening');
  await operations.settings.update({ apiEnabled: false });
  const off = await eventually(async () => {
    const status = await operations.localApi.status();
    return status.state === 'off' && status;
  });
  expect(off).toMatchObject({ address: null, socketPath: null, error: null });
});

it('other settings do not restart it', async () => {
  const { operations, localApi } = await open();
  const { address } = await localApi.settled();
  const seen: string[] = [];
  localApi.onStatus(({ state }) => seen.push(state));
  await operations.settings.update({ theme: 'dark' });
  await operations.settings.update({ apiPort: await freePort() });
  await operations.settings.update({ apiEnabled: false });
  await eventually(async () => (await operations.localApi.status()).state === 'off');
  // The port of the environment takes precedence, so only the last change has an effect.
  expect(seen).toEqual(['off']);
  expect(address).not.toBeNull();
});

it('a found port is in the settings before it is announced', async () => {
  const { operations, localApi } = await open({ env: { SANDGLASS_API_PORT: '' } });
  await localApi.settled();
  const seen: string[] = [];
  const announced = new Promise<number>((resolve) => {
    localApi.onStatus((status) => {
      seen.push(status.state);
      if (status.state === 'listening') resolve(portOf(status));
    });
  });
  await operations.settings.update({ apiPort: 0 });
  const port = await announced;
  expect((await operations.settings.get()).apiPort).toBe(port);
  await operations.settings.update({ apiEnabled: false });
  await eventually(async () => (await operations.localApi.status()).state === 'off');
  // Storing the port does not reopen the server.
  expect(seen).toEqual(['opening', 'listening', 'off']);
});

it('a failing socket releases the port, and is retried', async () => {
  const home = await freshHome();
  const socket = join(home, 'api.sock');
  await mkdir(join(socket, 'in-the-way'), { recursive: true });
  const port = await freePort();
  const { operations, localApi } = await open({ home, env: { SANDGLASS_API_PORT: String(port) } });
  expect(await localApi.settled()).toMatchObject({ state: 'failed', address: null });
  expect(await isFree(port)).toBe(true);
  await rm(socket, { recursive: true });
  expect(await operations.localApi.retry()).toMatchObject({
    state: 'listening',
    address: `http://127.0.0.1:${port}`,
    socketPath: socket,
    error: null,
  });
});

it('the key is returned on request only', async () => {
  const { operations, localApi } = await open();
  const { key } = await operations.localApi.key();
  const status = await localApi.settled();
  expect(JSON.stringify(status)).not.toContain(key);
  const { key: next } = await operations.localApi.rotateKey();
  expect(next).not.toBe(key);
  expect(await operations.localApi.key()).toEqual({ key: next });
});

it('a key of the environment is not rotated', async () => {
  const { operations } = await open({ env: { SANDGLASS_API_KEY: 'fixed' } });
  await expect(operations.localApi.rotateKey()).rejects.toMatchObject({ code: 'conflict' });
  expect(await operations.localApi.key()).toEqual({ key: 'fixed' });
});
