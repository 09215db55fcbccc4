import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { SandglassError, toSandglassError } from '#shared/errors';
import { registerPageScheme } from './desktop/page';
import { lockDownPages } from './desktop/pageSecurity';
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
lockDownPages();

const fault = faultOfHome();
if (fault) {
  void app.whenReady().then(() => refuseToStart(fault));
} else {
  // Every file of Electron's goes there too, and with it the single-instance lock: one app per home.
  app.setPath('userData', join(home, 'electron'));
  if (!app.requestSingleInstanceLock()) app.quit();
  // Electron becomes ready only when this module has run, so most of the app is loaded beside that.
  else {
    void Promise.all([import('./opening'), app.whenReady()])
      .then(([{ openApp }]) => openApp(home, log))
      .catch(refuseToStart);
  }
}

/** Why the home folder can't be used; null when it can. */
function faultOfHome(): SandglassError | null {
  try {
    ensureHome(home);
    accessSync(home, constants.W_OK);
    return null;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new SandglassError('forbidden', `The folder ${home} cannot be used (${reason}).`, {
      hint: 'Check its permissions, or choose another one with SANDGLASS_HOME.',
      cause,
    });
  }
}

function refuseToStart(thrown: unknown): void {
  log('Cannot start:', thrown);
  showStartError(toSandglassError(thrown));
}
