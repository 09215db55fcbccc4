import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { type AnyClient, bothSdks } from '../../support/clients';
import { buildSnapshot, removeEverything, TEST_IMAGE } from '../../support/engine';
import { startSilentServer } from '../../support/silentServer';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

const api = apiOfThisFile();
afterEach(() => removeEverything(api.sandglass));

/** Makes boots from the default image wait for a registry that never responds, during a callback. */
async function withHangingDefault<T>(work: () => Promise<T>): Promise<T> {
  const registry = await startSilentServer();
  const { settings } = api.sandglass.operations;
  await settings.update({ defaultImage: `${registry.address}/never:1` });
  try {
    return await work();
  } finally {
    await settings.update({ defaultImage: TEST_IMAGE });
    for (const { id, cancellable } of await api.sandglass.operations.tasks.list()) {
      if (cancellable) await api.sandglass.operations.tasks.cancel({ id });
    }
    registry.close();
  }
}

describe.each(bothSdks)('sandboxes, with langsmith $version', (sdk) => {
  const { module } = sdk;
  let client: AnyClient;
  beforeAll(() => {
    client = sdk.connect(api.config);
  });

  it('boot from the default image by default', async () => {
    const box = await client.createSandbox();
    expect(box).toMatchObject({ status: 'ready', idle_ttl_seconds: 600 });
    expect(box).toMatchObject({ delete_after_stop_seconds: 14 * 24 * 3600 });
    expect(box.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(box.dataplane_url).toContain('127.0.0.1');
    expect((await box.run('echo hi')).stdout).toBe('hi\n');
  });

  it('boot by id, by name or by name:tag, but not by two of them', async () => {
    const { operations } = api.sandglass;
    const { id } = await buildSnapshot(operations, { name: 'team/base', tag: 'v1' });
    expect((await client.createSandbox(id)).snapshot_id).toBe(id);
    expect((await client.createSandbox(undefined, { name: 'none' })).name).toBe('none');
    for (const snapshotName of ['team/base', 'team/base:latest', 'team/base:v1']) {
      expect((await client.createSandbox({ snapshotName })).snapshot_id).toBe(id);
    }
    const both = await thrownBy(client.createSandbox(id, { snapshotName: 'team/base' }));
    expect(both).toBeInstanceOf(module.LangSmithValidationError);
    const raw = { snapshot_id: id, snapshot_name: 'team/base' };
    expect(await ask(api, 'POST', '/boxes', raw)).toMatchObject({ status: 422 });
    for (const wrong of ['team/other', 'team/base:v2']) {
      expect(await thrownBy(client.createSandbox({ snapshotName: wrong }))).toBeInstanceOf(
        module.LangSmithResourceNotFoundError,
      );
    }
    expect(await thrownBy(client.createSandbox(crypto.randomUUID()))).toBeInstanceOf(
      module.LangSmithResourceNotFoundError,
    );
  });

  it('accept a size and lifetimes', async () => {
    const box = await client.createSandbox({
      name: 'sized',
      timeout: 60,
      idleTtlSeconds: 1200,
      deleteAfterStopSeconds: 0,
      vCpus: 1,
      memBytes: 256 * MIB,
      fsCapacityBytes: 2 * GIB,
    });
    const expected = {
      name: 'sized',
      idle_ttl_seconds: 1200,
      delete_after_stop_seconds: 0,
      vCpus: 1,
      mem_bytes: 256 * MIB,
      fs_capacity_bytes: 2 * GIB,
    };
    expect(box).toMatchObject(expected);
    expect(await client.getSandbox('sized')).toMatchObject(expected);
    expect((await client.listSandboxes())[0]).toMatchObject(expected);
  });

  it('with an invalid field are refused with its name', async () => {
    for (const [field, options] of [
      ['name', { name: 'Not A Name' }],
      ['vcpus', { vCpus: 0 }],
      ['mem_bytes', { memBytes: 1 }],
      ['fs_capacity_bytes', { fsCapacityBytes: 1 }],
      ['delete_after_stop_seconds', { deleteAfterStopSeconds: 2_592_060 }],
      ['timeout', { timeout: 0 }],
    ] as const) {
      const refused = await thrownBy(client.createSandbox(options));
      expect(refused).toBeInstanceOf(module.LangSmithValidationError);
      expect(refused).toMatchObject({ field, details: [{ type: 'value_error' }] });
    }
    // This client refuses these itself; others do not.
    await client.createSandbox({ name: 'box' });
    for (const seconds of [61, -60, 0.5]) {
      for (const field of ['idle_ttl_seconds', 'delete_after_stop_seconds']) {
        const body = { [field]: seconds };
        for (const [method, path] of [
          ['POST', '/boxes'],
          ['PATCH', '/boxes/box'],
        ] as const) {
          const answer = await ask(api, method, path, body);
          expect(answer).toMatchObject({
            status: 422,
            body: { detail: [{ loc: ['body', field] }] },
          });
        }
      }
    }
  });

  it('with a taken name are refused, at creation and renaming', async () => {
    await client.createSandbox({ name: 'one' });
    await client.createSandbox({ name: 'two' });
    const refused = await thrownBy(client.createSandbox({ name: 'one' }));
    expect(refused).toBeInstanceOf(module.LangSmithSandboxError);
    expect(refused.message).toContain('"one"');
    for (const call of [
      client.updateSandbox('two', 'one'),
      client.updateSandbox('two', { newName: 'one' }),
    ]) {
      expect(await thrownBy(call)).toBeInstanceOf(module.LangSmithResourceNameConflictError);
    }
  });

  it('are returned at once if the caller does not wait', async () => {
    const box = await client.createSandbox({ name: 'later', waitForReady: false });
    expect(box.status).toBe('provisioning');
    const ready = await client.waitForSandbox('later', { timeout: 60, pollInterval: 0.1 });
    expect(ready.status).toBe('ready');
    expect(await client.getSandboxStatus('later')).toEqual({ status: 'ready' });
  });

  it('that take too long report their last status, and can be deleted', async () => {
    await withHangingDefault(async () => {
      const late = await thrownBy(client.createSandbox({ name: 'slow', timeout: 1 }));
      expect(late).toBeInstanceOf(module.LangSmithResourceTimeoutError);
      expect(late).toMatchObject({ resourceType: 'sandbox' });
      expect(late.message).toContain('provisioning');
      const waited = await thrownBy(client.waitForSandbox('slow', { timeout: 0.2 }));
      expect(waited).toBeInstanceOf(module.LangSmithResourceTimeoutError);
      expect(waited).toMatchObject({ resourceType: 'sandbox', lastStatus: 'provisioning' });
      await client.deleteSandbox('slow');
      expect(await client.listSandboxes()).toEqual([]);
    });
  });

  it('that fail report why, to a waiting and a later caller', async () => {
    const { settings } = api.sandglass.operations;
    await settings.update({ defaultImage: 'sandglass-test/nowhere:1' });
    try {
      const failed = await thrownBy(client.createSandbox());
      expect(failed).toBeInstanceOf(module.LangSmithSandboxCreationError);
      expect(failed.errorType).toBe('ImagePull');
      await client.createSandbox({ name: 'in-vain', waitForReady: false });
      const later = await thrownBy(client.waitForSandbox('in-vain', { pollInterval: 0.1 }));
      expect(later).toBeInstanceOf(module.LangSmithResourceCreationError);
      expect(later).toMatchObject({ resourceType: 'sandbox' });
      expect(later.message).toContain('sandglass-test/nowhere:1');
      expect(await client.getSandbox('in-vain')).toMatchObject({ status: 'failed' });
      await client.deleteSandbox('in-vain');
      expect(await thrownBy(client.getSandbox('in-vain'))).toBeInstanceOf(
        module.LangSmithResourceNotFoundError,
      );
    } finally {
      await settings.update({ defaultImage: TEST_IMAGE });
    }
  });

  it('are renamed, changed, listed and deleted, by name or by id', async () => {
    const box = await client.createSandbox({ name: 'box' });
    const changed = await client.updateSandbox('box', {
      newName: 'renamed',
      idleTtlSeconds: 0,
      deleteAfterStopSeconds: 60,
    });
    expect(changed).toMatchObject({
      id: box.id,
      name: 'renamed',
      idle_ttl_seconds: 0,
      delete_after_stop_seconds: 60,
    });
    expect((await client.updateSandbox(box.id ?? '', 'again')).name).toBe('again');
    expect((await client.updateSandbox('again', {})).idle_ttl_seconds).toBe(0);
    expect((await client.listSandboxes()).map(({ name }) => name)).toEqual(['again']);
    expect((await client.getSandbox(box.id ?? '')).name).toBe('again');
    await client.deleteSandbox(box.id ?? '');
    for (const call of [
      () => client.getSandbox('again'),
      () => client.deleteSandbox('again'),
      () => client.updateSandbox('again', 'other'),
      () => client.getSandboxStatus('again'),
      () => client.waitForSandbox('again'),
    ]) {
      const gone = await thrownBy(call());
      expect(gone).toBeInstanceOf(module.LangSmithResourceNotFoundError);
      expect(gone.resourceType).toBe('sandbox');
    }
    for (const call of [() => client.startSandbox('again'), () => client.stopSandbox('again')]) {
      expect(await thrownBy(call())).toBeInstanceOf(module.LangSmithResourceNotFoundError);
    }
  });

  it('stop and start without losing a byte, by object and by name', async () => {
    const box = await client.createSandbox({ name: 'my-vm' });
    await box.run("echo 'hello' > /tmp/state.txt; echo kept > /opt/kept");
    await box.stop();
    expect(box.status).toBe('stopped');
    const stopped = await client.getSandbox('my-vm');
    expect(stopped.status).toBe('stopped');
    expect(Date.parse(stopped.stopped_at ?? '')).toBeGreaterThan(0);
    await client.stopSandbox('my-vm');
    await box.start({ timeout: 60 });
    expect(box.status).toBe('ready');
    expect((await box.run('cat /tmp/state.txt /opt/kept')).stdout).toBe('hello\nkept\n');
    await client.stopSandbox('my-vm');
    const started = await client.startSandbox('my-vm');
    expect(started.status).toBe('ready');
    expect(started.stopped_at).toBeUndefined();
    expect((await client.startSandbox('my-vm')).id).toBe(box.id);
    await box.delete();
    expect(await client.listSandboxes()).toEqual([]);
  });

  it('are waited for until the caller aborts', async () => {
    await client.createSandbox({ name: 'box' });
    const signal = AbortSignal.abort();
    for (const call of [
      () => client.getSandbox('box', { signal }),
      () => client.getSandboxStatus('box', { signal }),
      () => client.waitForSandbox('box', { signal }),
      () => client.startSandbox('box', { signal }),
    ]) {
      expect((await thrownBy(call())).name).toBe('AbortError');
    }
  });
});
