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

/** A menu is not for scrolling: the gallery has the rest. */
const MOST_FAVOURITES = 12;
const MOST_RECENT = 5;

export interface TrayActions {
  show(target?: NavigationTarget): void;
  stop(sandboxId: string): void;
  boot(snapshotId: string): void;
  retry(): void;
  quit(): void;
}

/** The tray's menu for a state. A pure function, so that a test can read it. */
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

/** Favourites, and then the newest of the others. */
function bootItem(
  { favourites, recent }: TrayState,
  ready: boolean,
  actions: TrayActions,
): MenuItemConstructorOptions {
  const bootable = ({ status }: Snapshot) => status === 'ready';
  const starred = favourites.filter(bootable).slice(0, MOST_FAVOURITES);
  const others = recent
    .filter((snapshot) => bootable(snapshot) && !snapshot.favourite)
    .slice(0, MOST_RECENT);
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
  // What clashes with what is being done to it would be refused: it is not offered.
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
      return 'Docker stopped answering; trying again…';
    case 'unreachable':
      return engine.error?.message ?? 'Docker is not reachable.';
  }
}
