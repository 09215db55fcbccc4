import type { MenuItemConstructorOptions } from 'electron';
import type { EngineStatus } from '#shared/contract/engine';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import type { NavigationTarget } from '#shared/desktopApi';
import { shortVersion } from '#shared/format';

export interface TrayState {
  engine: EngineStatus;
  sandboxes: Sandbox[];
  /** Newest first. */
  favourites: Snapshot[];
  recent: Snapshot[];
}

/** Limits that keep the menu short. The gallery lists everything. */
const MAX_FAVOURITES = 12;
const MAX_RECENT = 5;

export interface TrayActions {
  show(target?: NavigationTarget): void;
  stop(sandboxId: string): void;
  boot(snapshotId: string): void;
  retry(): void;
  quit(): void;
}

/** Menu template for a state. A pure function, for tests. */
export function trayMenuTemplate(
  state: TrayState,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const { engine, sandboxes } = state;
  const running = sandboxes.filter(({ status }) => status === 'ready');
  const ready = engine.state === 'ready';
  return [
    { label: engineLine(engine, running.length), enabled: false },
    ...(ready ? [] : [{ label: 'Try Again Now', click: actions.retry }]),
    { type: 'separator' },
    ...running.map((sandbox) => sandboxItem(sandbox, ready, actions)),
    ...(running.length > 0 ? [{ type: 'separator' as const }] : []),
    bootItem(state, ready, actions),
    { label: 'New Sandbox…', enabled: ready, click: () => actions.show({ page: 'new-sandbox' }) },
    { label: 'Open Sandglass', click: () => actions.show() },
    { type: 'separator' },
    { label: 'Quit', click: actions.quit },
  ];
}

/** Favourites first, then the newest other snapshots. */
function bootItem(
  { favourites, recent }: TrayState,
  ready: boolean,
  actions: TrayActions,
): MenuItemConstructorOptions {
  const bootable = ({ status }: Snapshot) => status === 'ready';
  const starred = favourites.filter(bootable).slice(0, MAX_FAVOURITES);
  const others = recent
    .filter((snapshot) => bootable(snapshot) && !snapshot.favourite)
    .slice(0, MAX_RECENT);
  const item = ({ id, name, tag, favourite }: Snapshot): MenuItemConstructorOptions => ({
    label: `${favourite ? '★ ' : ''}${name}${tag ? `:${tag}` : ''}`,
    click: () => actions.boot(id),
  });
  return {
    label: 'Boot From',
    enabled: ready && starred.length + others.length > 0,
    submenu: [
      ...starred.map(item),
      ...(starred.length > 0 && others.length > 0 ? [{ type: 'separator' as const }] : []),
      ...others.map(item),
    ],
  };
}

function sandboxItem(
  { id, name, activity }: Sandbox,
  ready: boolean,
  actions: TrayActions,
): MenuItemConstructorOptions {
  // Actions that would conflict with the current activity are disabled.
  const free = ready && activity === null;
  const openSandbox = (openTerminal: boolean) =>
    actions.show({ page: 'sandbox', sandboxId: id, openTerminal });
  return {
    label: activity ? `${name} (${activity}…)` : name,
    submenu: [
      { label: 'Open', click: () => openSandbox(false) },
      { label: 'Open Terminal', enabled: free, click: () => openSandbox(true) },
      {
        label: 'Capture…',
        enabled: free,
        click: () => actions.show({ page: 'capture', sandboxId: id }),
      },
      { label: 'Stop', enabled: free, click: () => actions.stop(id) },
    ],
  };
}

function engineLine(engine: EngineStatus, running: number): string {
  switch (engine.state) {
    case 'ready':
      return `Docker ${shortVersion(engine.version)} · ${running} running`;
    case 'connecting':
      return 'Connecting to Docker…';
    case 'reconnecting':
      return 'Lost the connection to Docker; reconnecting…';
    case 'unreachable':
      return engine.error?.message ?? 'Docker is unreachable.';
  }
}
