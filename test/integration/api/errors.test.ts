import { LangSmithSandboxConnectTimeoutError, SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { API_KEY, apiOfThisFile, ask, openApi, thrownBy } from '../../support/api';
import { type AnyClient, bothSdks, newestSdk, sdksWithoutWs } from '../../support/clients';
import { type Dockerd, startDockerd } from '../../support/dockerd';
import {
  bootSandbox,
  buildSnapshot,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';
import { importBusybox } from '../../support/images';
import { startSilentServer } from '../../support/silentServer';

/**
 * Triggers the client's error classes that no other test in this folder covers. The client never
 * throws the remaining ones (docs/API.md).
 */

const MIB = 1024 ** 2;

const api = apiOfThisFile();
const bare = await sdksWithoutWs();
afterAll(() => bare.remove());
afterEach(() => removeEverything(api.sandglass));

describe.each(bothSdks)('errors, with langsmith $version', (sdk) => {
  const { module } = sdk;
  let client: AnyClient;
  beforeAll(() => {
    client = sdk.connect(api.config);
  });

  it('an unknown endpoint is not found', async () => {
    const lost = sdk.connect({ ...api.config, apiEndpoint: `${api.address}/v3/sandboxes` });
    expect(await thrownBy(lost.listSandboxes())).toBeInstanceOf(module.LangSmithSandboxAPIError);
    expect(await thrownBy(lost.listSnapshots())).toBeInstanceOf(
      module.LangSmithResourceNotFoundError,
    );
  });

  it('more processors than the host has', async () => {
    const spent = await thrownBy(client.createSandbox({ vCpus: 512 }));
    expect(spent).toBeInstanceOf(module.LangSmithQuotaExceededError);
    expect(spent).toMatchObject({ quotaType: 'cpu' });
    expect(await client.listSandboxes()).toEqual([]);
  });

  it('a capture beyond the capacity', async () => {
    const tiny = await client.createSandbox({ fsCapacityBytes: 16 * MIB });
    await tiny.run('dd if=/dev/zero of=/opt/fill bs=1M count=20');
    const refused = await thrownBy(tiny.captureSnapshot('full'));
    expect(refused).toBeInstanceOf(module.LangSmithResourceCreationError);
    expect(refused.message).toContain('capacity');
  });

  it('a deleted sandbox', async () => {
    const box = await client.createSandbox();
    await client.deleteSandbox(box.name);
    const read = await thrownBy(box.read('/etc/passwd'));
    expect(read).toBeInstanceOf(module.LangSmithResourceNotFoundError);
    expect(read.message).toContain(box.id);
    const run = await thrownBy(box.run('true'));
    expect(run).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(run).toMatchObject({ errorType: 'ResourceNotFound' });
    expect(run.message).toContain(box.id);
  });

  it('each carries a unique error id', async () => {
    const { body } = await ask(api, 'GET', '/boxes/nothing');
    expect(body).toEqual({
      detail: {
        error: 'ResourceNotFound',
        message: 'There is no sandbox "nothing".',
        error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });
});

describe('a sandbox that is being created', () => {
  it('is not ready for commands and files', async () => {
    const registry = await startSilentServer();
    const { settings, tasks } = api.sandglass.operations;
    onTestFinished(async () => {
      registry.close();
      await settings.update({ defaultImage: TEST_IMAGE });
    });
    await settings.update({ defaultImage: `${registry.address}/never:1` });
    const [sdk] = bare.sdks;
    if (!sdk) throw new Error('No client without ws is installed.');
    const client = sdk.connect(api.config);
    const box = await client.createSandbox({ name: 'slow', waitForReady: false });
    for (const call of [
      () => box.run('true'),
      () => box.read('/etc/passwd'),
      () => box.write('/opt/x', 'x'),
    ]) {
      const early = await thrownBy(call());
      expect(early).toBeInstanceOf(sdk.module.LangSmithSandboxNotReadyError);
      expect(early.message).toContain('provisioning');
    }
    const streaming = await new SandboxClient(api.config).getSandbox('slow');
    expect(await thrownBy(streaming.run('true'))).toMatchObject({ errorType: 'NotReady' });
    await client.deleteSandbox('slow');
    for (const { id, cancellable } of await tasks.list())
      if (cancellable) await tasks.cancel({ id });
  });

  it.each(bothSdks)('or stopped: langsmith 0.7.12 refuses it itself, $version', async (sdk) => {
    const { operations } = api.sandglass;
    await buildSnapshot(operations);
    await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
    await operations.sandboxes.stop({ sandbox: 'box' });
    const box = await sdk.connect(api.config).getSandbox('box');
    if (sdk.version === newestSdk.version) {
      expect((await box.run('echo resumed')).stdout).toBe('resumed\n');
    } else {
      expect(await thrownBy(box.run('true'))).toBeInstanceOf(
        sdk.module.LangSmithSandboxNotReadyError,
      );
    }
  });
});

describe('a closed server', () => {
  it.each(bothSdks)('is a lost connection for langsmith $version', async ({ module, connect }) => {
    const { operations } = api.sandglass;
    await buildSnapshot(operations);
    await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
    const passing = await openApi(api.sandglass, { keepOpen: true });
    const config = { apiEndpoint: passing.endpoint, apiKey: API_KEY, maxRetries: 0 };
    const box = await connect(config).getSandbox('box');
    await passing.close();
    const patience = module.CommandHandle.BACKOFF_BASE;
    module.CommandHandle.BACKOFF_BASE = 0.01;
    onTestFinished(() => {
      module.CommandHandle.BACKOFF_BASE = patience;
    });
    const lost = await thrownBy(box.run('true', { wait: false }));
    expect(lost).toBeInstanceOf(module.LangSmithSandboxConnectionError);
    if (module.CommandHandle === newestSdk.module.CommandHandle) {
      expect(lost).toBeInstanceOf(LangSmithSandboxConnectTimeoutError);
    }
  });

  it('refuses a stream with a wrong key as a connection error, in the newest client', async () => {
    const { operations } = api.sandglass;
    await buildSnapshot(operations);
    await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
    const headers = { 'X-Api-Key': 'wrong' };
    const box = await new SandboxClient({ ...api.config, headers }).getSandbox('box');
    const refused = await thrownBy(box.run('true'));
    expect(refused).toBeInstanceOf(newestSdk.module.LangSmithSandboxConnectionError);
    expect(refused.message).toContain('401');
  });
});

describe('a stopped Docker daemon', () => {
  let daemon: Dockerd;
  beforeAll(async () => {
    daemon = await startDockerd();
    await importBusybox(daemon.host);
  });
  afterAll(() => daemon.stop());

  it('is reported by name, and known objects are still listed', async () => {
    const sandglass = await openTestEngine({ host: daemon.host });
    const gone = await openApi(sandglass);
    const config = { apiEndpoint: gone.endpoint, apiKey: API_KEY, maxRetries: 0 };
    await buildSnapshot(sandglass.operations);
    await daemon.shutDown();
    for (const { module, connect } of bothSdks) {
      const client = connect(config);
      const created = await thrownBy(client.createSandbox({ snapshotName: 'base' }));
      expect(created).toBeInstanceOf(module.LangSmithSandboxCreationError);
      expect(created).toMatchObject({ errorType: 'ServiceUnavailable' });
      const built = await thrownBy(client.createSnapshot('x', 'any:1', 64 * MIB));
      expect(built).toBeInstanceOf(module.LangSmithSandboxError);
      expect(built.message).toContain('Docker');
      expect((await client.listSnapshots()).map(({ name }) => name)).toEqual(['base']);
    }
    await daemon.restart();
  });
});
