import { setTimeout } from 'node:timers/promises';
import { app } from 'electron';
import type { Log } from '../log';

/**
 * Milliseconds the engine has to close. An unresponsive Docker must not keep the app from quitting.
 */
const CLOSE_TIMEOUT_MS = 20_000;

/**
 * Closes the engine before the app quits. SIGINT and SIGTERM quit like the menu item.
 *
 * @param onQuit called once when quitting begins
 */
export function closeBeforeQuit(close: () => Promise<void>, onQuit: () => void, log: Log): void {
  let state: 'running' | 'closing' | 'closed' = 'running';

  async function end(): Promise<void> {
    onQuit();
    const timeout = setTimeout(CLOSE_TIMEOUT_MS).then(() =>
      log('The engine did not close in time.'),
    );
    await Promise.race([
      close().catch((thrown: unknown) => log('Could not close the engine:', thrown)),
      timeout,
    ]);
    state = 'closed';
    app.quit();
  }

  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void end();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
}
