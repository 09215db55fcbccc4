import { join } from 'node:path';
import { app, session } from 'electron';
import { openWithApi } from './api/localApi';
import { serveDesktopCalls } from './bridge/desktopCalls';
import { serveDragOut } from './bridge/dragOut';
import { serveOperations } from './bridge/operationsPort';
import { serveTerminals } from './bridge/terminalPort';
import { openDesktop } from './desktop/desktop';
import { openVault } from './desktop/keychain';
import { servePage } from './desktop/page';
import { denyPermissions } from './desktop/pageSecurity';
import type { Log } from './log';

/** A page that has not loaded by then keeps nothing else waiting. Milliseconds. */
const LONGEST_LOAD_MS = 10_000;

/** A page that has loaded is not painted yet, and this process has a part in that too. Milliseconds. */
const PAINT_MS = 500;

/** Opens the engine, serves it to the page, and opens the window; once Electron is ready. */
export async function openApp(home: string, log: Log): Promise<void> {
  servePage();
  denyPermissions(session.defaultSession);
  const sandglass = openWithApi({
    home,
    env: process.env,
    vault: openVault(),
    serveAfter: firstPageLoaded(),
    onError: (thrown) => log('In the background:', thrown),
  });
  serveOperations(sandglass.router);
  serveTerminals(sandglass);
  serveDesktopCalls(sandglass.operations);
  serveDragOut(sandglass.operations, join(home, 'drag'));
  await openDesktop(sandglass, log);
}

/** What blocks this process before would keep the page from getting its files. */
function firstPageLoaded(): Promise<void> {
  return new Promise((resolve) => {
    app.once('web-contents-created', (_event, page) =>
      page.once('did-finish-load', () => setTimeout(resolve, PAINT_MS)),
    );
    setTimeout(resolve, LONGEST_LOAD_MS);
  });
}
