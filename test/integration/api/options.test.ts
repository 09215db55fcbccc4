import { Langsmith } from 'langsmith';
import { LangSmithValidationError, SandboxClient } from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi, thrownBy } from '../../support/api';
import { dockerItself, openTestEngine, removeEverything, TEST_IMAGE } from '../../support/engine';

/** Every option of lists, creations, changes and captures, with the package's generated client, which has them. */

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
let sandboxes: Langsmith['sandboxes'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
  ({ sandboxes } = new Langsmith({ apiKey: API_KEY, baseURL: api.address, maxRetries: 0 }));
});
afterAll(async () => {
  await api.close();
  await sandglass.close();
});

/** Error of the generated client: a status, and the body as received. */
async function refusedWith(call: Promise<unknown>): Promise<{ status: number; field: string }> {
  const thrown = (await thrownBy(call)) as unknown as {
    status: number;
    error: { detail: Array<{ loc: string[]; msg: string }> };
  };
  const [first] = thrown.error.detail;
  return { status: thrown.status, field: first?.loc.at(-1) ?? '' };
}

async function namesOf(pages: AsyncIterable<{ name?: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of pages) names.push(name ?? '');
  return names;
}

describe('lists', () => {
  beforeAll(async () => {
    for (const [name, labels] of [
      ['b', { team: 'x', tier: '1' }],
      ['c', { team: 'y' }],
      ['a', {}],
    ] as const) {
      const made = await sandboxes.snapshots.create({
        name: `list/${name}`,
        docker_image: TEST_IMAGE,
        fs_capacity_bytes: GIB,
        labels,
      });
      await client.waitForSnapshot(made.id ?? '', { pollInterval: 0.1 });
      await client.createSandbox(made.id, { name: `list-${name}`, idleTtlSeconds: 3600 });
    }
    await client.stopSandbox('list-b');
  });
  afterAll(() => removeEverything(sandglass));

  describe.each([
    {
      what: 'snapshots',
      list: () => sandboxes.snapshots.list.bind(sandboxes.snapshots),
      at: 'list/',
    },
    { what: 'boxes', list: () => sandboxes.boxes.list.bind(sandboxes.boxes), at: 'list-' },
  ])('of $what', ({ list, at }) => {
    const named = (...names: string[]) => names.map((name) => at + name);

    it('are paged by cursor to the end', async () => {
      for (const page_size of [1, 2, 3]) {
        expect(await namesOf(list()({ page_size }))).toEqual(named('a', 'c', 'b'));
      }
      expect(await namesOf(list()({ page_size: 1, name_contains: `${at}C` }))).toEqual(named('c'));
    });

    it('are sorted', async () => {
      const sorted = async (query: Parameters<ReturnType<typeof list>>[0]) =>
        await namesOf(list()({ page_size: 2, ...query }));
      expect(await sorted({ sort_by: 'name' })).toEqual(named('a', 'b', 'c'));
      expect(await sorted({ sort_by: 'name', sort_order: 'desc' })).toEqual(named('c', 'b', 'a'));
      expect(await sorted({ sort_by: 'created_at' })).toEqual(named('a', 'c', 'b'));
      expect(await sorted({ sort_order: 'asc' })).toEqual(named('b', 'c', 'a'));
      expect(await sorted({ sort_direction: 'asc' })).toEqual(named('b', 'c', 'a'));
    });

    it('are filtered by labels: by key, by value, by several', async () => {
      const labelled = async (...label: string[]) => await namesOf(list()({ label }));
      expect(await labelled('team')).toEqual(named('c', 'b'));
      expect(await labelled('team=y')).toEqual(named('c'));
      expect(await labelled('team', 'tier=1')).toEqual(named('b'));
      expect(await labelled('team=y', 'tier=1')).toEqual([]);
      expect(await labelled('toString')).toEqual([]);
    });

    it('belong to the only user', async () => {
      expect(await namesOf(list()({ created_by: 'me' }))).toEqual(named('a', 'c', 'b'));
    });

    it('refuse unknown values with the field', async () => {
      for (const query of [
        { page_size: 0 },
        { limit: 501 },
        { offset: -1 },
        { cursor: 'mine' },
        { sort_by: 'price' },
        { sort_order: 'up' },
        { created_by: 'you' },
      ]) {
        const [field] = Object.keys(query);
        const refused = await refusedWith(list()(query).then());
        expect(refused).toEqual({ status: 422, field });
      }
    });
  });

  it('of sandboxes are filtered by status and sorted by their own fields', async () => {
    const { boxes } = sandboxes;
    expect(await namesOf(boxes.list({ status: 'stopped' }))).toEqual(['list-b']);
    expect(await namesOf(boxes.list({ status: 'ready' }))).toEqual(['list-a', 'list-c']);
    expect((await namesOf(boxes.list({ sort_by: 'stopped_at' })))[0]).toBe('list-b');
    expect(await namesOf(boxes.list({ sort_by: 'idle_ttl_seconds' }))).toHaveLength(3);
    const refused = await refusedWith(boxes.list({ tag_value_id: ['x'] }).then());
    expect(refused.field).toBe('tag_value_ids');
  });

  it('of snapshots are filtered by status', async () => {
    const { snapshots } = sandboxes;
    expect(await namesOf(snapshots.list({ status: 'ready' }))).toHaveLength(3);
    expect(await namesOf(snapshots.list({ status: 'building' }))).toEqual([]);
  });

  it('of the tags of a name contain the newest snapshot of each', async () => {
    const tagged = await sandboxes.snapshots.create({
      name: 'list/a',
      docker_image: TEST_IMAGE,
      fs_capacity_bytes: GIB,
      tag: 'v1',
    });
    await client.waitForSnapshot(tagged.id ?? '', { pollInterval: 0.1 });
    expect(await sandboxes.snapshots.retrieveByName('list/a')).toEqual({
      name: 'list/a',
      tags: [
        { tag: 'latest', snapshot_id: tagged.id },
        { tag: 'v1', snapshot_id: tagged.id },
      ],
    });
    await sandboxes.snapshots.delete('list/a:v1');
    expect((await thrownBy(sandboxes.snapshots.retrieve('list/a:v1'))).status).toBe(404);
  });
});

describe('a sandbox', () => {
  afterEach(() => removeEverything(sandglass));

  it('accepts every option that applies locally', async () => {
    const snapshot = await client.createSnapshot('base', TEST_IMAGE, GIB);
    for (const given of [snapshot.id, 'base', 'base:latest']) {
      const box = await sandboxes.boxes.create({
        snapshot: given,
        cpu_millicores: 500,
        vcpus: 2,
        env_vars: { A: '1', B: '1' },
        run_config: { env_vars: { B: '2' } },
        persistent: true,
        restore_memory: false,
        tag_value_ids: [],
      });
      expect(box).toMatchObject({
        snapshot_id: snapshot.id,
        vcpus: 0.5,
        persistent: true,
        run_config: { env_vars: { A: '1', B: '2' } },
      });
    }
  });

  it.each([
    { persistent: false },
    { restore_memory: true },
    { tag_value_ids: ['x'] },
    { volumes: [{ volume: 'data', mount_path: '/data' }] },
    { access_delegation: { mode: 'INHERIT' as const } },
  ])('is refused with the field: %o', async (option) => {
    const [field] = Object.keys(option);
    expect(await refusedWith(sandboxes.boxes.create(option))).toEqual({ status: 422, field });
    expect(await client.listSandboxes()).toEqual([]);
  });

  it('is resized in Docker while it runs', async () => {
    const box = await client.createSandbox({ vCpus: 1, memBytes: 256 * MIB });
    const limits = async () => {
      const filters = { label: [`dev.sandglass.id=${box.id}`] };
      const [found] = await dockerItself().listContainers({ filters });
      const { HostConfig } = await dockerItself()
        .getContainer(found?.Id ?? '')
        .inspect();
      return [HostConfig.NanoCpus, HostConfig.Memory];
    };
    const name = box.name ?? '';
    expect(await sandboxes.boxes.update(name, { vcpus: 2, mem_bytes: 512 * MIB })).toMatchObject({
      vcpus: 2,
      mem_bytes: 512 * MIB,
    });
    expect(await limits()).toEqual([2e9, 512 * MIB]);
    const smaller = await sandboxes.boxes.update(name, {
      cpu_millicores: 250,
      mem_bytes: 64 * MIB,
    });
    expect(smaller).toMatchObject({ vcpus: 0.25, mem_bytes: 64 * MIB });
    expect(await limits()).toEqual([2.5e8, 64 * MIB]);
    expect(await client.getSandbox(name)).toMatchObject({ vCpus: 0.25, mem_bytes: 64 * MIB });
    for (const change of [
      { fs_capacity_bytes: 4 * GIB },
      { tag_value_ids: ['x'] },
      { mem_bytes: 1 },
    ]) {
      const [field] = Object.keys(change);
      expect((await refusedWith(sandboxes.boxes.update(name, change))).field).toBe(field);
    }
  });
});

describe('a capture', () => {
  afterEach(() => removeEverything(sandglass));

  it('keeps labels and variables, and accepts a tag, a description and labels', async () => {
    const box = await client.createSandbox({
      name: 'source',
      labels: { team: 'x', kept: 'yes' },
      runConfig: { env_vars: { MODE: 'test' } },
    });
    const captured = await sandboxes.boxes.createSnapshot('source', {
      name: 'captured',
      tag: 'v1',
      labels: { team: 'y' },
      run_config: { work_dir: '/opt' },
      include: ['labels', 'env_vars'],
      include_memory: false,
    });
    const ready = await client.waitForSnapshot(captured.id ?? '', { pollInterval: 0.1 });
    expect(ready).toMatchObject({
      source_sandbox_id: box.id,
      tags: ['v1'],
      labels: { team: 'y', kept: 'yes' },
      run_config: { work_dir: '/opt', env_vars: { MODE: 'test' } },
    });
    // `latest` cannot be set: every newest version has it.
    for (let i = 0; i < 2; i += 1) {
      const latest = await sandboxes.boxes.createSnapshot('source', {
        name: 'captured',
        tag: 'latest',
      });
      await client.waitForSnapshot(latest.id ?? '', { pollInterval: 0.1 });
      expect((await sandboxes.snapshots.retrieve('captured:latest')).id).toBe(latest.id);
    }
  });

  it.each([
    { include: ['resources' as const] },
    { include: ['all' as const] },
    { include_memory: true },
    { checkpoint: 'one' },
    { image_config: { cmd: ['/start'] } },
  ])('is refused with the field: %o', async (option) => {
    await client.createSandbox({ name: 'source' });
    const [field] = Object.keys(option);
    const refused = refusedWith(sandboxes.boxes.createSnapshot('source', { name: 'x', ...option }));
    expect(await refused).toEqual({ status: 422, field });
    expect(await client.listSnapshots({ nameContains: 'x' })).toEqual([]);
  });
});

it('mounts of cloud storage are refused with the field, for every client', async () => {
  const mountConfig = {
    auth: {},
    mounts: [{ id: 'm', type: 'contexthub' as const, mount_path: '/m', contexthub: { repo: 'r' } }],
  };
  const refused = await thrownBy(client.createSandbox({ mountConfig }));
  expect(refused).toBeInstanceOf(LangSmithValidationError);
  expect(refused.field).toBe('mount_config');
});

it('costs are zero', async () => {
  const query = { start_time: '2026-01-01T00:00:00Z', end_time: '2026-01-02T00:00:00Z' };
  expect(await namesOf(sandboxes.listUsageCosts(query) as AsyncIterable<object>)).toEqual([]);
});
