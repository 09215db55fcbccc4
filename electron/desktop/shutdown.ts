import { setTimeout } from 'node:timers/promises';
import { app } from 'electron';
import type { Log } from '../log';

/** A Docker that hangs may keep the engine from ending; the user's quit must still work. */
const LONGEST_MS = 20_000;

/**
 * Lets the engine end before the app does, however often quitting is asked for meanwhile; SIGINT and
 * SIGTERM quit as the menu does. Calls `onQuit` when it begins.
 */
export function closeBeforeQuit(close: () => Promise<void>, onQuit: () => void, log: Log): void {
  let state: 'running' | 'closing' | 'closed' = 'running';

  async function end(): Promise<void> {
    onQuit();
    const late = setTimeout(LONGEST_MS).then(() => log('The engine did not end in time.'));
    await Promise.race([close().catch((thrown: unknown) => log('While closing:', thrown)), late]);
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
