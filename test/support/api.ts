import { onTestFinished } from 'vitest';
import { type ApiServer, serveApi } from '../../electron/api/server';
import type { Sandglass } from '../../electron/engine/sandglass';

export const API_KEY = 'a-key-for-tests';

/** The API of an engine, on a free port. It is closed after the test, or by a file that shares it. */
export async function openApi(
  sandglass: Sandglass,
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

/** What a call of the client throws. */
export async function thrownBy(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof Error) return outcome as Error & Record<string, unknown>;
  throw new Error('It was not refused.');
}
