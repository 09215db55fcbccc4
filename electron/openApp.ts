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

/** Milliseconds to wait for the page to load before the API is served anyway. */
const LOAD_TIMEOUT_MS = 10_000;

/** Milliseconds between loading and painting of the page, which also needs the main process. */
const PAINT_DELAY_MS = 500;

/** Opens the engine, serves it to the page and opens the window. Called when Electron is ready. */
export async function openApp(home: string, log: Log): Promise<void> {
  servePage();
  denyPermissions(session.defaultSession);
  const sandglass = openWithApi({
    home,
    env: process.env,
    vault: openVault(),
    serveAfter: firstPageLoaded(),
    onError: (thrown) => log('Background error:', thrown),
  });
  serveOperations(sandglass.router);
  serveTerminals(sandglass);
  serveDesktopCalls(sandglass.operations);
  serveDragOut(sandglass.operations, join(home, 'drag'));
  await openDesktop(sandglass, log);
}

/**
 * Resolves when the first page is painted. Blocking the main process earlier would delay its files.
 */
function firstPageLoaded(): Promise<void> {
  return new Promise((resolve) => {
    app.once('web-contents-created', (_event, page) =>
      page.once('did-finish-load', () => setTimeout(resolve, PAINT_DELAY_MS)),
    );
    setTimeout(resolve, LOAD_TIMEOUT_MS);
  });
}
