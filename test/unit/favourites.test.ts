import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import { openEngine } from '../../electron/engine/engine';
import { buildingRecord } from '../../electron/engine/snapshots/newSnapshot';

let home: string;
const ids = [randomUUID(), randomUUID(), randomUUID()] as const;

/** A home whose catalog has three snapshots. */
function fillCatalog(): void {
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  for (const [index, id] of ids.entries()) {
    const made = buildingRecord({ name: `n${index}` }, { id, createdAt: index });
    catalog.snapshots.save({ ...made, status: 'ready' });
  }
  catalog.close();
}

/** An engine without Docker, which favourites do not need. */
function open() {
  return openEngine({ home, env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sandglass-favourites-'));
  fillCatalog();
});

afterEach(() => rmSync(home, { recursive: true }));

it('a favourite is set and unset at once, and announced', async () => {
  const sandglass = open();
  const { snapshots, events } = sandglass.operations;
  const changes = await events.subscribe();
  const next = changes[Symbol.asyncIterator]();
  const change = next.next();
  expect(await snapshots.update({ id: ids[1], favourite: true })).toMatchObject({
    id: ids[1],
    favourite: true,
  });
  expect((await change).value).toMatchObject({ snapshot: { id: ids[1], favourite: true } });
  const { snapshots: starred, total } = await snapshots.list({ favourite: true });
  expect(starred.map(({ id }) => id)).toEqual([ids[1]]);
  expect(total).toBe(1);
  await snapshots.update({ id: ids[1], favourite: false });
  expect((await snapshots.get({ id: ids[1] })).favourite).toBe(false);
  await expect(snapshots.update({ id: randomUUID(), favourite: true })).rejects.toMatchObject({
    code: 'not_found',
  });
  await next.return?.();
  await sandglass.close();
});

it('favourites survive a restart and a rebuilt catalog', async () => {
  const first = open();
  await first.operations.snapshots.update({ id: ids[0], favourite: true });
  await first.operations.snapshots.update({ id: ids[2], favourite: true });
  await first.close();
  for (const name of readdirSync(home).filter((file) => file.startsWith('catalog'))) {
    rmSync(join(home, name));
  }
  fillCatalog();
  const second = open();
  const { snapshots } = await second.operations.snapshots.list({ favourite: true });
  expect(snapshots.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  await second.close();
});

it('a corrupt file of favourites is ignored', async () => {
  writeFileSync(join(home, 'favourites.json'), '{"not": "a list"');
  const sandglass = open();
  const { list, update } = sandglass.operations.snapshots;
  expect((await list({ favourite: true })).total).toBe(0);
  await update({ id: ids[0], favourite: true });
  expect((await list({ favourite: true })).total).toBe(1);
  await sandglass.close();
});
