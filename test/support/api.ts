import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type ApiServer, serveApi } from '../../electron/api/server';
import type { Engine } from '../../electron/engine/engine';
import { openTestEngine, TEST_IMAGE } from './engine';

export const API_KEY = 'a-key-for-tests';

/** Serves the API of an engine on a free port. Closes it after the test, unless the caller does. */
export async function openApi(
  sandglass: Engine,
  options: { keepOpen?: boolean; port?: number } = {},
): Promise<ApiServer & { endpoint: string }> {
  const api = await serveApi(sandglass, {
    port: options.port ?? 0,
    key: () => API_KEY,
    onError: (thrown) => console.error('api, in the background:', thrown),
  });
  if (!options.keepOpen) onTestFinished(() => api.close());
  return { ...api, endpoint: `${api.address}/v2/sandboxes` };
}

/** Returns the error of a client's call. */
export async function thrownBy(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof Error) return outcome as Error & Record<string, unknown>;
  throw new Error('It was not refused.');
}

/** Opens one engine with its API for all tests of a file; called at the top. */
export function apiOfThisFile(): SharedApi {
  let open: { sandglass: Engine; api: ApiServer & { endpoint: string } } | null = null;
  beforeAll(async () => {
    const sandglass = await openTestEngine({ keepOpen: true });
    await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
    open = { sandglass, api: await openApi(sandglass, { keepOpen: true }) };
  });
  afterAll(async () => {
    await open?.api.close();
    await open?.sandglass.close();
  });
  const opened = () => {
    if (!open) throw new Error('It opens before the first test.');
    return open;
  };
  return {
    get sandglass() {
      return opened().sandglass;
    },
    get address() {
      return opened().api.address;
    },
    get config() {
      return { apiEndpoint: opened().api.endpoint, apiKey: API_KEY, maxRetries: 0 };
    },
  };
}

export interface SharedApi {
  readonly sandglass: Engine;
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** Client options: a refused connection fails at once. */
  readonly config: { apiEndpoint: string; apiKey: string; maxRetries: number };
}

/** Sends JSON that no client would send. */
export async function ask(
  api: SharedApi,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const answer = await fetch(`${api.address}/v2/sandboxes${path}`, {
    method,
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const said = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: said === '' ? null : JSON.parse(said),
  };
}
