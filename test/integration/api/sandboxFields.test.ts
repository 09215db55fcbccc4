import { SandboxClient } from 'langsmith/sandbox';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { buildSnapshot, eventually, removeEverything } from '../../support/engine';

const api = apiOfThisFile();
afterEach(() => removeEverything(api.sandglass));

describe('fields of the newest client for sandboxes', () => {
  let client: SandboxClient;
  beforeAll(() => {
    client = new SandboxClient(api.config);
  });

  it('include labels of the snapshot and of the sandbox', async () => {
    await buildSnapshot(api.sandglass.operations, { labels: { team: 'a', stage: 'base' } });
    const options = { snapshotName: 'base', labels: { stage: 'work' } };
    const box = await client.createSandbox(options);
    expect(box.labels).toEqual({ team: 'a', stage: 'work' });
    expect((await box.captureSnapshot('next')) as unknown).toMatchObject({ labels: box.labels });
  });

  it('include memory that a stop keeps', async () => {
    const box = await client.createSandbox({ preserveMemoryOnStop: true });
    expect(box.preserve_memory_on_stop).toBe(true);
    await box.run('sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid');
    await box.stop();
    expect((await client.getSandbox(box.name)).status).toBe('stopped');
    await box.start();
    expect((await box.run('kill -0 $(cat /tmp/pid) && echo alive')).stdout).toBe('alive\n');
  });

  it('include a delegation, which is refused', async () => {
    const accessDelegation = { mode: 'INHERIT' } as const;
    const refused = await thrownBy(client.createSandbox({ accessDelegation }));
    expect(refused).toMatchObject({ field: 'access_delegation' });
  });
});

describe('fields of other clients for sandboxes', () => {
  it('include a list of sandboxes to delete', async () => {
    const client = new SandboxClient(api.config);
    await client.createSandbox({ name: 'one' });
    await client.createSandbox({ name: 'two' });
    const names = ['one', 'none'];
    const { body } = await ask(api, 'POST', '/boxes/batch-delete', { names });
    expect(body).toMatchObject({ deleted: ['one'], skipped: [{ name: 'none' }] });
    expect((await client.listSandboxes()).map(({ name }) => name)).toEqual(['two']);
  });

  it('include the JSON type for an empty body', async () => {
    const client = new SandboxClient(api.config);
    await client.createSandbox({ name: 'box' });
    expect((await ask(api, 'POST', '/boxes/box/stop')).status).toBe(204);
    expect((await ask(api, 'POST', '/boxes/box/start')).status).toBe(202);
    expect((await ask(api, 'DELETE', '/boxes/box')).status).toBe(204);
  });

  it('changes by the API are shown in the window at once, and vice versa', async () => {
    const client = new SandboxClient(api.config);
    const box = await client.createSandbox({ name: 'by-client' });
    const { sandboxes } = api.sandglass.operations;
    expect((await sandboxes.list()).map(({ name }) => name)).toEqual(['by-client']);
    await sandboxes.update({ sandbox: 'by-client', name: 'by-window' });
    expect((await client.getSandbox(box.id ?? '')).name).toBe('by-window');
    await sandboxes.stop({ sandbox: 'by-window' });
    await eventually(async () => (await client.getSandbox('by-window')).status === 'stopped');
  });
});
