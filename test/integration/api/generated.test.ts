import { Langsmith, NotFoundError } from 'langsmith';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { API_KEY, apiOfThisFile, thrownBy } from '../../support/api';
import { eventually, removeEverything, TEST_IMAGE } from '../../support/engine';

/** The package's second client, generated from the hosted service's OpenAPI document. */

const GIB = 1024 ** 3;

const api = apiOfThisFile();
let sandboxes: Langsmith['sandboxes'];
beforeAll(() => {
  ({ sandboxes } = new Langsmith({ apiKey: API_KEY, baseURL: api.address }));
});
afterEach(() => removeEverything(api.sandglass));

async function namesOf(pages: AsyncIterable<{ name?: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name = '' } of pages) names.push(name);
  return names;
}

it('creates, lists over all pages, and deletes snapshots', async () => {
  for (const name of ['one', 'two', 'three']) {
    const { id = '' } = await sandboxes.snapshots.create({
      name,
      docker_image: TEST_IMAGE,
      fs_capacity_bytes: GIB,
    });
    await eventually(async () => (await sandboxes.snapshots.retrieve(id)).status === 'ready');
  }
  expect(await namesOf(sandboxes.snapshots.list({ page_size: 2 }))).toEqual([
    'three',
    'two',
    'one',
  ]);
  const { tags } = await sandboxes.snapshots.retrieveByName('two');
  expect(tags?.map(({ tag }) => tag)).toEqual(['latest']);
  const { id = '' } = await sandboxes.snapshots.retrieve('two');
  await sandboxes.snapshots.delete(id);
  expect(await thrownBy(sandboxes.snapshots.retrieve(id))).toBeInstanceOf(NotFoundError);
});

it('creates, changes, captures, stops, starts and deletes sandboxes', async () => {
  for (const name of ['one', 'two', 'three']) await sandboxes.boxes.create({ name });
  expect(await namesOf(sandboxes.boxes.list({ page_size: 2 }))).toEqual(['three', 'two', 'one']);
  expect(await sandboxes.boxes.update('two', { idle_ttl_seconds: 60 })).toMatchObject({
    name: 'two',
    idle_ttl_seconds: 60,
  });
  const captured = await sandboxes.boxes.createSnapshot('two', { name: 'captured' });
  await eventually(
    async () => (await sandboxes.snapshots.retrieve(captured.id ?? '')).status === 'ready',
  );
  await sandboxes.boxes.stop('two');
  expect(await sandboxes.boxes.getStatus('two')).toMatchObject({ status: 'stopped' });
  expect(await sandboxes.boxes.start('two')).toMatchObject({ status: 'ready' });
  expect(await sandboxes.boxes.retrieve('two')).toMatchObject({ status: 'ready' });
  await sandboxes.boxes.delete('two');
  expect(await thrownBy(sandboxes.boxes.retrieve('two'))).toBeInstanceOf(NotFoundError);
});

it('creates links to ports and files, and reports no cost', async () => {
  await sandboxes.boxes.create({ name: 'box' });
  const service = await sandboxes.boxes.generateServiceURL('box', { port: 8080 });
  expect(service.service_url).toContain('127.0.0.1');
  await sandboxes.boxes.deleteServiceURL('box', { port: 8080 });
  const link = await sandboxes.boxes.generateDownloadURL('box', { path: '/etc/passwd' });
  expect(await (await fetch(link.download_url ?? '')).text()).toContain('root:');
  const costs: unknown[] = [];
  const month = { start_time: '2026-01-01T00:00:00Z', end_time: '2026-02-01T00:00:00Z' };
  for await (const cost of sandboxes.listUsageCosts(month)) costs.push(cost);
  expect(costs).toEqual([]);
});
