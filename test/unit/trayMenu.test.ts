import { expect, it, vi } from 'vitest';
import type { EngineStatus } from '#shared/contract/engine';
import type { Sandbox } from '#shared/contract/sandboxes';
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

function menuOf(engine: EngineStatus, sandboxes: Sandbox[]) {
  const actions = { show: vi.fn(), stop: vi.fn(), retry: vi.fn(), quit: vi.fn() };
  const items = trayMenuTemplate({ engine, sandboxes }, actions);
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

it('shows the engine, the running sandboxes and the ways out', () => {
  const stopped = { ...box, id: '55555555-5555-4555-8555-555555555555', name: 'off' };
  const menu = menuOf(ready, [box, { ...stopped, status: 'stopped' }]);
  expect(menu.labels).toEqual([
    'Docker 20.10 · 1 running',
    'box',
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

it('disables what clashes with what is being done', () => {
  const menu = menuOf(ready, [{ ...box, activity: 'capturing' }]);
  expect(menu.labels).toContain('box (capturing…)');
  for (const label of ['Open Terminal', 'Capture…', 'Stop']) {
    expect(menu.find(label).enabled).toBe(false);
  }
});

it('says what is wrong with the engine, and offers to try again', () => {
  const error = new SandglassError('engine_unreachable', 'Docker does not answer.').toInfo();
  const menu = menuOf({ ...ready, state: 'unreachable', error }, [box]);
  expect(menu.labels[0]).toBe('Docker does not answer.');
  menu.choose('Try Again Now');
  expect(menu.actions.retry).toHaveBeenCalled();
  expect(menu.find('New Sandbox…').enabled).toBe(false);
  expect(menu.find('Stop').enabled).toBe(false);
});
