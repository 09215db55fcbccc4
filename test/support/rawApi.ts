import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiServer, serveApi } from '../../electron/api/server';
import type { Engine } from '../../electron/engine/engine';
import { API_KEY } from './api';
import { bootSandbox, buildSnapshot, openTestEngine, removeEverything } from './engine';
import type { RawAnswer } from './rawHttp';

export const BOXES = '/v2/sandboxes/boxes';

interface RawApi {
  readonly sandglass: Engine;
  readonly api: ApiServer;
  readonly socketPath: string;
  /** Id of a running sandbox. */
  readonly box: string;
}

/** Serves the API on a port and a socket for all tests of a file, without an internal error; called at the top. */
export function rawApiOfThisFile(): RawApi {
  let sandglass: Engine;
  let api: ApiServer;
  let socketPath = '';
  let box = '';
  const faults: unknown[] = [];
  const usualTmp = process.env.TMPDIR;
  beforeAll(async () => {
    sandglass = await openTestEngine({ keepOpen: true });
    // Uploads wait for their ends in this folder, which no other test uses.
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
  return {
    get sandglass() {
      return sandglass;
    },
    get api() {
      return api;
    },
    get socketPath() {
      return socketPath;
    },
    get box() {
      return box;
    },
  };
}

/** Asserts an error in the API's one form, which leaks nothing internal. */
export function expectRefusal(answer: RawAnswer, ...statuses: number[]): void {
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

export const upgrade = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
] as const;
