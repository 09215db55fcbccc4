import { expect, it, vi } from 'vitest';
import type { EngineStatus } from '#shared/contract/engine';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import { SandglassError } from '#shared/errors';
import { trayMenuTemplate } from '../../electron/desktop/trayMenu';

const ready: EngineStatus = {
  state: 'ready',
  endpoint: 'unix:///var/run/docker.sock',
  endpointSource: 'Docker Engine',
  version: '20.10.24+dfsg1',
  storageDriver: 'overlay2',
  error: null,
  nextAttemptAt: null,
};

const box: Sandbox = {
  id: '33333333-3333-4333-8333-333333333333',
  name: 'box',
  status: 'ready',
  statusMessage: null,
  activity: null,
  snapshotId: '44444444-4444-4444-8444-444444444444',
  snapshotName: 'base',
  vcpus: null,
  memBytes: null,
  fsCapacityBytes: null,
  pidsLimit: null,
  capacityKind: null,
  fsUsedBytes: null,
  network: true,
  ports: [],
  suspended: false,
  preserveMemory: false,
  runConfig: { user: null, workDir: null, env: {} },
  egress: null,
  labels: {},
  createdAt: 0,
  idleStopSeconds: 0,
  deleteAfterStopSeconds: 0,
  startedAt: 0,
  stoppedAt: null,
};

const base: Snapshot = {
  ...{ id: box.snapshotId, name: 'base', tag: null, status: 'ready', statusMessage: null },
  ...{ image: 'debian', imageDigest: null, platform: null, registryId: null },
  ...{ sourceSandboxId: null, sourceSandboxName: null, parentSnapshotId: null, ancestors: [] },
  ...{ fsCapacityBytes: null, sizeBytes: null, uniqueBytes: null, runConfig: box.runConfig },
  ...{ note: '', labels: {}, favourite: false, createdAt: 0, updatedAt: 0, sandboxCount: 0 },
};

function menuOf(engine: EngineStatus, sandboxes: Sandbox[], snapshots: Snapshot[] = []) {
  const actions = { show: vi.fn(), stop: vi.fn(), boot: vi.fn(), retry: vi.fn(), quit: vi.fn() };
  const favourites = snapshots.filter(({ favourite }) => favourite);
  const items = trayMenuTemplate({ engine, sandboxes, favourites, recent: snapshots }, actions);
  const find = (label: string) => {
    const all = items.flatMap((item) => [
      item,
      ...(Array.isArray(item.submenu) ? item.submenu : []),
    ]);
    const found = all.find((item) => item.label === label);
    if (!found) throw new Error(`The menu has no "${label}".`);
    return found;
  };
  const choose = (label: string) => (find(label).click as () => void)();
  return { actions, items, find, choose, labels: items.map(({ label }) => label).filter(Boolean) };
}

it('shows the engine, the running sandboxes and the commands', () => {
  const stopped = { ...box, id: '55555555-5555-4555-8555-555555555555', name: 'off' };
  const menu = menuOf(ready, [box, { ...stopped, status: 'stopped' }]);
  expect(menu.labels).toEqual([
    'Docker 20.10 · 1 running',
    'box',
    'Boot From',
    'New Sandbox…',
    'Open Sandglass',
    'Quit',
  ]);
  menu.choose('Open Terminal');
  expect(menu.actions.show).toHaveBeenCalledWith({
    page: 'sandbox',
    sandboxId: box.id,
    openTerminal: true,
  });
  menu.choose('Capture…');
  expect(menu.actions.show).toHaveBeenLastCalledWith({ page: 'capture', sandboxId: box.id });
  menu.choose('Stop');
  expect(menu.actions.stop).toHaveBeenCalledWith(box.id);
  menu.choose('New Sandbox…');
  expect(menu.actions.show).toHaveBeenLastCalledWith({ page: 'new-sandbox' });
});

it('disables items that conflict with a running operation', () => {
  const menu = menuOf(ready, [{ ...box, activity: 'capturing' }]);
  expect(menu.labels).toContain('box (capturing…)');
  for (const label of ['Open Terminal', 'Capture…', 'Stop']) {
    expect(menu.find(label).enabled).toBe(false);
  }
});

it('reports what is wrong with the engine, and offers a retry', () => {
  const error = new SandglassError('engine_unreachable', 'Docker does not answer.').toInfo();
  const menu = menuOf({ ...ready, state: 'unreachable', error }, [box]);
  expect(menu.labels[0]).toBe('Docker does not answer.');
  menu.choose('Try Again Now');
  expect(menu.actions.retry).toHaveBeenCalled();
  expect(menu.find('New Sandbox…').enabled).toBe(false);
  expect(menu.find('Stop').enabled).toBe(false);
});

it('lists favourites first, then the newest others', () => {
  const snapshots = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({
    ...base,
    id: name,
    name,
  }));
  const [a = base, b = base, ...others] = snapshots;
  const menu = menuOf(
    ready,
    [],
    [
      a,
      { ...b, status: 'building' },
      ...others.slice(0, 4),
      { ...base, id: 'z', favourite: true, tag: 'v1' },
    ],
  );
  const { submenu } = menu.find('Boot From');
  if (!Array.isArray(submenu)) throw new Error('There is no list to boot from.');
  expect(submenu.map(({ label, type }) => label ?? type)).toEqual([
    ...['★ base:v1', 'separator'],
    ...['a', 'c', 'd', 'e', 'f'],
  ]);
  menu.choose('★ base:v1');
  expect(menu.actions.boot).toHaveBeenCalledWith('z');
  expect(menuOf(ready, [], []).find('Boot From').enabled).toBe(false);
});
