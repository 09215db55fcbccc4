import { join } from 'node:path';
import { app, nativeTheme } from 'electron';
import type { Change } from '#shared/contract/events';
import type { Operations } from '#shared/contract/index';
import type { NavigationTarget } from '#shared/desktopApi';
import type { Engine } from '../engine/engine';
import type { Log } from '../log';
import { installMenu } from './menu';
import { notifyEnd } from './notifications';
import { closeBeforeQuit } from './shutdown';
import { SandglassTray } from './tray';
import { hasTrayHost } from './trayHost';
import { MainWindow } from './window';

/** Opens the window, the tray and the menu, and keeps them up to date with the engine. */
export async function openDesktop(sandglass: Engine, log: Log): Promise<void> {
  const { home, operations } = sandglass;
  let settings = await operations.settings.get();
  nativeTheme.themeSource = settings.theme;

  let isQuitting = false;
  let tray: SandglassTray | null = null;
  const window = new MainWindow(
    join(home, 'window.json'),
    // Closing the window quits the app unless a tray icon can restore it.
    () => !isQuitting && settings.keepInTray && tray !== null && hasTrayHost(),
    log,
  );
  const show = (target?: NavigationTarget) => window.show(target ?? null);

  installMenu(show);
  tray = createTray(sandglass, show, log);
  app.on('second-instance', () => show());
  app.on('activate', () => show());
  app.on('window-all-closed', () => app.quit());
  closeBeforeQuit(
    () => sandglass.close(),
    () => {
      isQuitting = true;
      tray?.destroy();
    },
    log,
  );

  show();
  void followChanges(operations, (change) => {
    if (change.type === 'settings') {
      settings = change.settings;
      nativeTheme.themeSource = settings.theme;
    }
    if (/^(engine|sandbox|snapshot)/.test(change.type)) tray?.refresh();
    if (change.type === 'task' && !window.isFocused) {
      notifyEnd(change.task, () => show({ page: 'activity' }));
    }
  }).catch((thrown: unknown) => log('The change stream has failed:', thrown));
}

async function followChanges(
  operations: Operations,
  onChange: (change: Change) => void,
): Promise<void> {
  for await (const change of await operations.events.subscribe()) onChange(change);
}

/** Creates the tray; null where the platform has none. */
function createTray(
  { operations }: Engine,
  show: (target?: NavigationTarget) => void,
  log: Log,
): SandglassTray | null {
  const report = (thrown: unknown) => log('Tray action failed:', thrown);
  const actions = {
    show,
    stop: (sandbox: string) => void operations.sandboxes.stop({ sandbox }).catch(report),
    boot: (snapshotId: string) =>
      void operations.sandboxes
        .create({ snapshotId })
        .then(({ sandbox }) => show({ page: 'sandbox', sandboxId: sandbox.id, openTerminal: true }))
        .catch(report),
    retry: () => void operations.engine.retry().catch(report),
    quit: () => app.quit(),
  };
  try {
    return new SandglassTray(operations, actions, log);
  } catch (thrown) {
    log('Could not create the tray:', thrown);
    return null;
  }
}
