import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { type Catalog, openCatalog } from '../../electron/engine/catalog/catalog';
import { Changes } from '../../electron/engine/changes';
import { Tasks } from '../../electron/engine/tasks/tasks';

const folder = mkdtempSync(join(tmpdir(), 'sandglass-waits-'));
let catalog: Catalog;
afterEach(() => {
  vi.useRealTimers();
  catalog.close();
  rmSync(folder, { recursive: true });
});

it('default timeouts are 60 s for a snapshot, 30 s for a creation, 120 s for a start', async () => {
  vi.useFakeTimers();
  catalog = openCatalog(join(folder, 'catalog.sqlite'));
  const tasks = new Tasks(catalog.tasks, new Changes());
  const waits = {
    'snapshot.build': 60,
    'snapshot.capture': 60,
    'sandbox.create': 30,
    'sandbox.start': 120,
  } as const;
  for (const [kind, seconds] of Object.entries(waits)) {
    const description = { kind: kind as keyof typeof waits, subject: kind };
    const { task } = tasks.start(description, () => new Promise(() => {}));
    const outcome = { code: '' };
    const wait = tasks.wait(task.id).catch((thrown) => Object.assign(outcome, thrown));
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(outcome.code, kind).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    await wait;
    expect(outcome.code, kind).toBe('timeout');
  }
});
