import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { SandglassError, toSandglassError } from '#shared/errors';
import { registerPageScheme } from './desktop/page';
import { restrictPages } from './desktop/pageSecurity';
import { showStartError } from './desktop/startError';
import { ensureHome } from './engine/host';
import { resolveHome } from './homePaths';
import { openLog } from './log';

const home = resolveHome(process.env);
const log = openLog(home);
process.on('uncaughtException', (thrown) => log('Uncaught:', thrown));
process.on('unhandledRejection', (thrown) => log('Unhandled:', thrown));

app.setName('Sandglass');
registerPageScheme();
restrictPages();

const homeError = checkHome();
if (homeError) {
  void app.whenReady().then(() => refuseToStart(homeError));
} else {
  // Electron's own files go to the home too. This makes the single-instance lock one per home.
  app.setPath('userData', join(home, 'electron'));
  if (!app.requestSingleInstanceLock()) app.quit();
  // Electron is ready only after this module has run: loads most of the app concurrently.
  else {
    void Promise.all([import('./openApp'), app.whenReady()])
      .then(([{ openApp }]) => openApp(home, log))
      .catch(refuseToStart);
  }
}

/** Error if the home folder cannot be used; null if it can. */
function checkHome(): SandglassError | null {
  try {
    ensureHome(home);
    accessSync(home, constants.W_OK);
    return null;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new SandglassError('forbidden', `The folder ${home} cannot be used (${reason}).`, {
      hint: 'Check its permissions, or set SANDGLASS_HOME to another folder.',
      cause,
    });
  }
}

function refuseToStart(thrown: unknown): void {
  log('Cannot start:', thrown);
  showStartError(toSandglassError(thrown));
}
