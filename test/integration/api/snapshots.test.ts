import { SandboxClient } from 'langsmith/sandbox';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { type AnyClient, bothSdks, text } from '../../support/clients';
import { eventually, removeEverything, TEST_IMAGE } from '../../support/engine';

const GIB = 1024 ** 3;

const api = apiOfThisFile();
afterEach(() => removeEverything(api.sandglass));

describe.each(bothSdks)('snapshots, with langsmith $version', (sdk) => {
  const { module } = sdk;
  let client: AnyClient;
  beforeAll(() => {
    client = sdk.connect(api.config);
  });

  it('are built, fetched, listed and deleted', async () => {
    const built = await client.createSnapshot('team/py', TEST_IMAGE, GIB);
    expect(built).toMatchObject({
      name: 'team/py',
      status: 'ready',
      docker_image: TEST_IMAGE,
      fs_capacity_bytes: GIB,
    });
    expect(built.image_digest).toMatch(/^sha256:/);
    expect(built.fs_used_bytes).toBeGreaterThan(1_000_000);
    expect(Date.parse(built.created_at ?? '')).toBeLessThanOrEqual(
      Date.parse(built.updated_at ?? ''),
    );
    expect(await client.getSnapshot(built.id)).toEqual(built);
    expect(await client.waitForSnapshot(built.id, { timeout: 1 })).toEqual(built);
    for (const name of ['team/py', 'team/py:latest']) {
      expect((await client.getSnapshot(name)).id).toBe(built.id);
    }
    await client.deleteSnapshot(built.id);
    const gone = await thrownBy(client.getSnapshot(built.id));
    expect(gone).toBeInstanceOf(module.LangSmithResourceNotFoundError);
    expect(gone.resourceType).toBe('snapshot');
    expect(await thrownBy(client.deleteSnapshot(built.id))).toBeInstanceOf(
      module.LangSmithResourceNotFoundError,
    );
  });

  it('are filtered by a part of their names, and paged', async () => {
    const ids: string[] = [];
    for (const name of ['py/one', 'py/two', 'py/three', 'other']) {
      ids.unshift((await client.createSnapshot(name, TEST_IMAGE, GIB)).id);
    }
    const found = ids.slice(1);
    const page = async (options: Parameters<AnyClient['listSnapshots']>[0]) =>
      (await client.listSnapshots(options)).map(({ id }) => id);
    expect(await page({})).toEqual(ids);
    expect(await page({ nameContains: 'PY' })).toEqual(found);
    expect(await page({ nameContains: 'nothing' })).toEqual([]);
    expect(await page({ nameContains: 'py', limit: 2 })).toEqual(found.slice(0, 2));
    expect(await page({ nameContains: 'py', limit: 2, offset: 2 })).toEqual(found.slice(2));
    expect(await page({ offset: 100 })).toEqual([]);
    for (const [field, wrong] of [
      ['limit', { limit: 0 }],
      ['limit', { limit: 501 }],
      ['limit', { limit: 1.5 }],
      ['offset', { offset: -1 }],
    ] as const) {
      const refused = await thrownBy(client.listSnapshots(wrong));
      expect(refused).toBeInstanceOf(module.LangSmithValidationError);
      expect(refused.field).toBe(field);
    }
  });

  it('of one name are versions: the name refers to the newest', async () => {
    const first = await client.createSnapshot('base', TEST_IMAGE, GIB);
    const second = await client.createSnapshot('base', TEST_IMAGE, GIB);
    expect((await client.getSnapshot('base')).id).toBe(second.id);
    expect((await client.getSnapshot(first.id)).name).toBe('base');
  });

  it('that cannot be built report why', async () => {
    const failed = await thrownBy(client.createSnapshot('x', 'sandglass-test/nowhere:1', GIB));
    expect(failed).toBeInstanceOf(module.LangSmithResourceCreationError);
    expect(failed.resourceType).toBe('snapshot');
    expect(failed.message).toContain('sandglass-test/nowhere:1');
    expect(await client.listSnapshots()).toEqual([]);
  });

  it('with an invalid field are refused with its name', async () => {
    for (const [field, ...input] of [
      ['name', 'Not A Name', TEST_IMAGE, GIB],
      ['docker_image', 'x', 'not an image', GIB],
      ['fs_capacity_bytes', 'x', TEST_IMAGE, 1],
      ['registry_id', 'x', TEST_IMAGE, GIB, { registryId: 'no id' }],
    ] as Array<[string, ...Parameters<AnyClient['createSnapshot']>]>) {
      const refused = await thrownBy(client.createSnapshot(...input));
      expect(refused).toBeInstanceOf(module.LangSmithValidationError);
      expect(refused.field).toBe(field);
    }
  });

  it('in use by a sandbox cannot be deleted', async () => {
    const snapshot = await client.createSnapshot('base', TEST_IMAGE, GIB);
    const box = await client.createSandbox(snapshot.id, { name: 'user-of-it' });
    const refused = await thrownBy(client.deleteSnapshot(snapshot.id));
    expect(refused).toBeInstanceOf(module.LangSmithSandboxError);
    expect(refused.message).toContain('user-of-it');
    const raw = await ask(api, 'DELETE', `/snapshots/${snapshot.id}`);
    expect(raw).toMatchObject({ status: 409, body: { detail: { error: 'ResourceInUse' } } });
    await box.delete();
    await client.deleteSnapshot(snapshot.id);
  });

  it('continue after the caller’s timeout, which reports their last status', async () => {
    const late = await thrownBy(client.createSnapshot('base', TEST_IMAGE, GIB, { timeout: 0 }));
    expect(late).toBeInstanceOf(module.LangSmithResourceTimeoutError);
    expect(late).toMatchObject({ resourceType: 'snapshot', lastStatus: 'building' });
    await eventually(async () => (await client.listSnapshots())[0]?.status === 'ready');
  });

  it('are waited for until the caller aborts', async () => {
    const signal = AbortSignal.abort();
    const { id } = await client.createSnapshot('base', TEST_IMAGE, GIB);
    expect((await thrownBy(client.waitForSnapshot(id, { signal }))).name).toBe('AbortError');
    expect((await thrownBy(client.listSnapshots({ signal }))).name).toBe('AbortError');
    expect((await thrownBy(client.getSnapshot(id, { signal }))).name).toBe('AbortError');
  });

  it('are captured with their files, without /tmp, and boot again', async () => {
    const box = await client.createSandbox({ name: 'setup-box' });
    await box.write('/opt/config.yaml', 'model: gpt-5\n');
    await box.write('/tmp/gone', 'x');
    const captured = await box.captureSnapshot('ml-ready', { fsCapacityBytes: GIB, timeout: 60 });
    expect(captured).toMatchObject({
      name: 'ml-ready',
      status: 'ready',
      source_sandbox_id: box.id,
      fs_capacity_bytes: GIB,
    });
    await client.stopSandbox(box.name);
    const again = await client.captureSnapshot('setup-box', 'ml-stopped');
    await client.deleteSandbox(box.name);
    for (const { id } of [captured, again]) {
      const next = await client.createSandbox(id);
      expect(text(await next.read('/opt/config.yaml'))).toBe('model: gpt-5\n');
      expect((await next.run('ls /tmp')).stdout).toBe('');
    }
    expect(await thrownBy(client.captureSnapshot('nobody', 'x'))).toBeInstanceOf(
      module.LangSmithResourceNotFoundError,
    );
  });
});

describe('fields of the newest client for snapshots', () => {
  it('include the run configuration', async () => {
    const client = new SandboxClient(api.config);
    const runConfig = { env_vars: { MODE: 'test' }, work_dir: '/opt', user: 'app' };
    const built = await client.createSnapshot('base', TEST_IMAGE, GIB, { runConfig });
    expect(built.run_config).toMatchObject({ ...runConfig, env_vars: { MODE: 'test' } });
    const box = await client.createSandbox(built.id);
    const captured = await box.captureSnapshot('later', {
      runConfig: { env_vars: { LATER: '1' } },
    });
    expect(captured.run_config).toMatchObject({
      user: 'app',
      env_vars: { MODE: 'test', LATER: '1' },
    });
    const refused = await thrownBy(
      client.createSnapshot('base', TEST_IMAGE, GIB, { runConfig: { work_dir: 'relative' } }),
    );
    expect(refused).toMatchObject({ field: 'work_dir' });
  });
});

describe('fields of other clients for snapshots', () => {
  it('include a tag, labels, and paging by cursor', async () => {
    const client = new SandboxClient(api.config);
    const ids: string[] = [];
    for (const tag of ['v1', 'v2', 'v3']) {
      const body = { name: 'py', docker_image: TEST_IMAGE, tag, labels: { team: 'a' } };
      const { status, body: made } = await ask(api, 'POST', '/snapshots', body);
      expect(status).toBe(201);
      const { id } = made as { id: string };
      ids.unshift((await client.waitForSnapshot(id)).id);
    }
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor && `&cursor=${cursor}`;
      const { body } = await ask(api, 'GET', `/snapshots?page_size=2${query}`);
      const page = body as { items: Array<{ id: string }>; next_cursor: string | null };
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(found).toEqual(ids);
    expect((await client.getSnapshot('py:v2')).id).toBe(ids[1]);
    expect((await ask(api, 'GET', '/snapshots-by-name/py')).body).toMatchObject({
      name: 'py',
      tags: [
        { tag: 'latest', snapshot_id: ids[0] },
        { tag: 'v3', snapshot_id: ids[0] },
        { tag: 'v2', snapshot_id: ids[1] },
        { tag: 'v1', snapshot_id: ids[2] },
      ],
    });
  });
});
