import { SandboxClient } from 'langsmith/sandbox';
import { SandboxClient as InlineClient } from 'langsmith-inline/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apiOfThisFile, thrownBy } from '../../support/api';
import { bothSdks, sdksWithoutWs, text } from '../../support/clients';
import { buildSnapshot, eventually, removeEverything } from '../../support/engine';

const api = apiOfThisFile();
const bare = await sdksWithoutWs();
afterAll(() => bare.remove());

let client: SandboxClient;
beforeAll(() => {
  client = new SandboxClient(api.config);
});
describe('a stopped sandbox is started by each call that needs it running', () => {
  beforeAll(async () => {
    await buildSnapshot(api.sandglass.operations);
    const box = await client.createSandbox({ name: 'box', snapshotName: 'base' });
    await box.write('/opt/file', 'kept');
  });
  beforeEach(() => client.stopSandbox('box'));
  afterAll(() => removeEverything(api.sandglass));

  const stopped = () => client.getSandbox('box');
  const bareBox = async () => {
    const [newest] = bare.sdks;
    if (!newest) throw new Error('There is one.');
    return await newest.connect(api.config).getSandbox('box');
  };
  it.each<[string, () => Promise<unknown>, unknown]>([
    ['run over a WebSocket', async () => (await (await stopped()).run('echo up')).stdout, 'up\n'],
    ['run over HTTP', async () => (await (await bareBox()).run('echo up')).stdout, 'up\n'],
    ['read', async () => text(await (await stopped()).read('/opt/file')), 'kept'],
    ['write', async () => await (await stopped()).write('/opt/other', 'x'), undefined],
    ['stat', async () => (await (await stopped()).stat('/opt/file')).size_bytes, 4],
    [
      'readRange',
      async () => text((await (await stopped()).readRange('/opt/file', { start: 2 })).content),
      'pt',
    ],
    ['ls', async () => (await (await stopped()).ls('/opt')).matches[0]?.path, '/opt/file'],
    ['glob', async () => (await (await stopped()).glob('f*', '/opt')).matches.length, 1],
    ['grep', async () => (await (await stopped()).grep('kept', '/opt')).matches[0]?.line, 1],
  ])('%s', async (_name, call, expected) => {
    const before = await stopped();
    expect(before.status).toBe('stopped');
    expect(await call()).toEqual(expected);
    const after = await client.getSandbox('box');
    expect(after).toMatchObject({ status: 'ready', dataplane_url: before.dataplane_url });
  });

  it('by concurrent calls once', async () => {
    const box = await stopped();
    const outputs = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (await box.run(`echo ${n}`)).stdout),
    );
    expect(outputs).toEqual(['1\n', '2\n', '3\n', '4\n']);
  });

  it('but not by a call that only reads it', async () => {
    await client.listSandboxes();
    await client.getSandboxStatus('box');
    await client.updateSandbox('box', { idleTtlSeconds: 600 });
    expect((await stopped()).status).toBe('stopped');
  });

  it('also for a ready object of langsmith 0.7.12', async () => {
    await client.startSandbox('box');
    const box = await new InlineClient(api.config).getSandbox('box');
    await client.stopSandbox('box');
    expect((await box.run('cat /opt/file')).stdout).toBe('kept');
    await client.stopSandbox('box');
    expect(text(await box.read('/opt/file'))).toBe('kept');
  });
});

describe('lifetimes', () => {
  afterEach(() => removeEverything(api.sandglass));

  it.each(bothSdks)('default to ten minutes and fourteen days, $version', async (sdk) => {
    const box = await sdk.connect(api.config).createSandbox();
    expect(box).toMatchObject({ idle_ttl_seconds: 600, delete_after_stop_seconds: 1_209_600 });
    const eternal = await sdk
      .connect(api.config)
      .createSandbox({ idleTtlSeconds: 0, deleteAfterStopSeconds: 0 });
    expect(eternal).toMatchObject({ idle_ttl_seconds: 0, delete_after_stop_seconds: 0 });
  });

  it('stop and delete a sandbox, visible to its client', async () => {
    const box = await client.createSandbox({ name: 'box', idleTtlSeconds: 60 });
    // The client's minimum is a minute.
    const { sandboxes } = api.sandglass.operations;
    await sandboxes.update({ sandbox: 'box', idleStopSeconds: 1 });
    await eventually(async () => (await client.getSandboxStatus('box')).status === 'stopped');
    await sandboxes.update({ sandbox: 'box', deleteAfterStopSeconds: 1 });
    await eventually(async () => (await client.listSandboxes()).length === 0);
    expect(await thrownBy(client.getSandbox(box.name))).toMatchObject({ resourceType: 'sandbox' });
  });

  it.each(bothSdks)(
    'that are not whole minutes are refused by the client, $version',
    async (sdk) => {
      for (const field of ['idleTtlSeconds', 'deleteAfterStopSeconds']) {
        const refused = await thrownBy(sdk.connect(api.config).createSandbox({ [field]: 61 }));
        expect(refused).toBeInstanceOf(sdk.module.LangSmithValidationError);
        expect(refused.field).toBe(field);
      }
    },
  );
});
