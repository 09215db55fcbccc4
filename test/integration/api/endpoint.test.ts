import { inspect } from 'node:util';
import { SandboxClient } from 'langsmith/sandbox';
import { describe, expect, it, vi } from 'vitest';
import { API_KEY, apiOfThisFile, thrownBy } from '../../support/api';
import { bothSdks, newestSdk } from '../../support/clients';

const api = apiOfThisFile();

/** A program with only the hosted service's two environment variables. */
async function withEnvironment<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
  process.env.LANGSMITH_ENDPOINT = endpoint;
  process.env.LANGSMITH_API_KEY = API_KEY;
  try {
    return await work();
  } finally {
    delete process.env.LANGSMITH_ENDPOINT;
    delete process.env.LANGSMITH_API_KEY;
  }
}

describe.each(bothSdks)('the endpoint, with langsmith $version', (sdk) => {
  it('is found by LANGSMITH_ENDPOINT and LANGSMITH_API_KEY alone', async () => {
    const boxes = await withEnvironment(api.address, () => sdk.connect().listSandboxes());
    expect(boxes).toEqual([]);
  });

  it.each(['/v2/sandboxes', '/api/v2/sandboxes', '/v2/sandboxes/'])(
    'may end in %s',
    async (end) => {
      const client = sdk.connect({ apiEndpoint: api.address + end, apiKey: API_KEY });
      expect(await client.listSandboxes()).toEqual([]);
      expect(await client.listSnapshots()).toEqual([]);
    },
  );

  it.each([{ apiKey: 'wrong' }, { apiKey: '' }])(
    'requires the correct key: $apiKey',
    async (wrong) => {
      const stranger = sdk.connect({ ...api.config, ...wrong });
      for (const call of [
        stranger.listSandboxes(),
        stranger.getSnapshot('any'),
        stranger.createSandbox(),
        stranger.createSnapshot('any', 'any', 1),
      ]) {
        expect(await thrownBy(call)).toBeInstanceOf(sdk.module.LangSmithSandboxAuthenticationError);
      }
    },
  );

  it('accepts headers and other options of a client', async () => {
    const client = sdk.connect({
      ...api.config,
      headers: { 'X-Team': 'research' },
      timeoutMs: 60_000,
      maxConcurrency: 1,
    });
    const fetched = vi.spyOn(globalThis, 'fetch');
    expect(await Promise.all([client.listSandboxes(), client.listSnapshots()])).toEqual([[], []]);
    const sent = fetched.mock.calls.map(([, init]) => new Headers(init?.headers).get('x-team'));
    fetched.mockRestore();
    expect(sent).toEqual(['research', 'research']);
  });

  it('is shown without the key', () => {
    const client = sdk.connect(api.config);
    for (const shown of [String(client), inspect(client)]) {
      expect(shown).toContain(api.config.apiEndpoint);
      expect(shown).not.toContain(API_KEY);
    }
  });
});

describe(`the endpoint of langsmith ${newestSdk.version}`, () => {
  it.each(['', '/', '/api', '/api/v1'])('is derived from LANGSMITH_ENDPOINT%s', async (suffix) => {
    await withEnvironment(api.address + suffix, async () => {
      expect(await newestSdk.connect().listSandboxes()).toEqual([]);
    });
  });

  it('has registries under both prefixes', async () => {
    const { apiKey } = api.config;
    for (const end of ['/v2/sandboxes', '/api/v2/sandboxes']) {
      const client = new SandboxClient({ apiEndpoint: api.address + end, apiKey });
      expect(await client.registries.list()).toMatchObject({ registries: [], items: [] });
    }
  });
});
