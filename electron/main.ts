import { join } from 'node:path';
import { app, dialog, session } from 'electron';
import type { Settings } from '#shared/contract/settings';
import type { NavigationTarget } from '#shared/desktopApi';
import { toSandglassError } from '#shared/errors';
import { serveOperations } from './bridge/operationsPort';
import { serveTerminals } from './bridge/terminalPort';
import { installMenu } from './desktop/menu';
import { notifyEnd } from './desktop/notifications';
import { registerPageScheme, servePage } from './desktop/page';
import { denyPermissions, lockDownPages } from './desktop/pageSecurity';
import { SandglassTray } from './desktop/tray';
import { MainWindow } from './desktop/window';
import { ensureHome, resolveHome } from './engine/home';
import { openSandglass, type Sandglass } from './engine/sandglass';
import { openLog } from './log';

const home = resolveHome(process.env);
ensureHome(home);
// Every file of Electron's goes there too, and with it the single-instance lock: one app per home.
app.setPath('userData', join(home, 'electron'));
app.setName('Sandglass');
const log = openLog(home);

process.on('uncaughtException', (thrown) => log('Uncaught:', thrown));
process.on('unhandledRejection', (thrown) => log('Unhandled:', thrown));

if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  registerPageScheme();
  lockDownPages();
  // Not awaited at the top level: Electron becomes ready only when this module has run.
  void app.whenReady().then(run);
}

function run(): void {
  servePage();
  denyPermissions(session.defaultSession);
  let sandglass: Sandglass;
  try {
    sandglass = openSandglass({
      home,
      env: process.env,
      onError: (thrown) => log('In the background:', thrown),
    });
  } catch (thrown) {
    refuseToStart(thrown);
    return;
  }
  connectDesktop(sandglass);
}

function connectDesktop(sandglass: Sandglass): void {
  const { operations } = sandglass;
  let settings: Settings | null = null;
  let quitting = false;
  let tray: SandglassTray | null = null;
  const window = new MainWindow(
    join(home, 'window.json'),
    () => !quitting && tray !== null && settings?.keepInTray === true,
  );
  const show = (target?: NavigationTarget) => window.show(target ?? null);

  serveOperations(sandglass.router);
  serveTerminals(sandglass);
  installMenu(show);
  tray = createTray(sandglass, show);
  app.on('second-instance', () => show());
  app.on('activate', () => show());
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (quitting) return;
    // Terminals and tasks end first; then the app quits for good.
    event.preventDefault();
    quitting = true;
    tray?.destroy();
    void sandglass
      .close()
      .catch((thrown: unknown) => log('While closing:', thrown))
      .finally(() => app.quit());
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.quit());

  void operations.settings.get().then((current) => {
    settings = current;
  });
  void (async () => {
    for await (const change of await operations.events.subscribe()) {
      if (change.type === 'settings') settings = change.settings;
      if (change.type === 'engine' || change.type.startsWith('sandbox')) tray?.refresh();
      if (change.type === 'task' && !window.isFocused) notifyEnd(change.task, () => show());
    }
  })();
  show();
}

/** Some desktops have no tray: then closing the window quits. */
function createTray(
  { operations }: Sandglass,
  show: (target?: NavigationTarget) => void,
): SandglassTray | null {
  const report = (thrown: unknown) => log('From the tray:', thrown);
  try {
    return new SandglassTray(operations, {
      show,
      stop: (sandbox) => void operations.sandboxes.stop({ sandbox }).catch(report),
      retry: () => void operations.engine.retry().catch(report),
      quit: () => app.quit(),
    });
  } catch (thrown) {
    log('No tray:', thrown);
    return null;
  }
}

function refuseToStart(thrown: unknown): void {
  const error = toSandglassError(thrown);
  log('Cannot start:', thrown);
  console.error(`${error.message} ${error.hint ?? ''}`);
  dialog.showErrorBox('Sandglass cannot start', `${error.message}\n\n${error.hint ?? ''}`);
  app.exit(1);
}
