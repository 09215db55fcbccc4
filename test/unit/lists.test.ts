import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCatalog } from '../../electron/engine/catalog/catalog';
import { openEngine } from '../../electron/engine/engine';
import { buildingRecord } from '../../electron/engine/snapshots/newSnapshot';

it('a page of snapshots has 50, or a requested size from 1 to 500', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sandglass-lists-'));
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  for (let i = 0; i < 501; i += 1) {
    const made = buildingRecord({ name: `n${i}` }, { id: randomUUID(), createdAt: i });
    catalog.snapshots.save({ ...made, status: 'ready' });
  }
  catalog.close();
  // No daemon: one without these images would drop their rows.
  const sandglass = openEngine({ home, env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  const { list } = sandglass.operations.snapshots;
  const sizeOf = async (input: Parameters<typeof list>[0]) => (await list(input)).snapshots.length;
  expect(await sizeOf({})).toBe(50);
  expect(await sizeOf({ limit: 1 })).toBe(1);
  expect(await sizeOf({ limit: 500 })).toBe(500);
  expect(await sizeOf({ offset: 490 })).toBe(11);
  for (const [field, value] of [
    ['limit', 0],
    ['limit', 501],
    ['offset', -1],
  ] as const) {
    await expect(list({ [field]: value })).rejects.toMatchObject({ code: 'invalid_input', field });
  }
  await sandglass.close();
  rmSync(home, { recursive: true });
});
