import type { MenuItemConstructorOptions } from 'electron';
import type { EngineStatus } from '#shared/contract/engine';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { NavigationTarget } from '#shared/desktopApi';
import { shortVersion } from '#shared/format';

export interface TrayState {
  engine: EngineStatus;
  sandboxes: Sandbox[];
}

export interface TrayActions {
  show(target?: NavigationTarget): void;
  stop(sandboxId: string): void;
  retry(): void;
  quit(): void;
}

/** The tray's menu for a state. A pure function, so that a test can read it. */
export function trayMenuTemplate(
  { engine, sandboxes }: TrayState,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const running = sandboxes.filter(({ status }) => status === 'ready');
  const ready = engine.state === 'ready';
  return [
    { label: engineLine(engine, running.length), enabled: false },
    ...(ready ? [] : [{ label: 'Try Again Now', click: actions.retry }]),
    { type: 'separator' },
    ...running.map((sandbox) => sandboxItem(sandbox, ready, actions)),
    ...(running.length > 0 ? [{ type: 'separator' as const }] : []),
    { label: 'New Sandbox…', enabled: ready, click: () => actions.show({ page: 'new-sandbox' }) },
    { label: 'Open Sandglass', click: () => actions.show() },
    { type: 'separator' },
    { label: 'Quit', click: actions.quit },
  ];
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
