import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findCommand } from '../lib/processes';
import { SetupError, say } from '../lib/say';
import type { Host } from './host';

interface Display {
  /** For `DISPLAY`. */
  name: string;
  stop(): Promise<void>;
}

type RunWithDisplay<T> = (environment: NodeJS.ProcessEnv) => Promise<T>;

/** Runs something that opens windows: on the user's display, or where there is none on a virtual one. */
export async function onDisplay<T>(host: Host, run: RunWithDisplay<T>): Promise<T> {
  if (host.hasDisplay) return await run({});
  say('No display: windows open on a virtual one (Xvfb), where nobody sees them.');
  return await onVirtualDisplay(run);
}

/** Runs something on a display of its own, which is as large everywhere and disturbs nobody. */
export async function onVirtualDisplay<T>(run: RunWithDisplay<T>): Promise<T> {
  const display = await startVirtualDisplay();
  try {
    return await run({ DISPLAY: display.name, WAYLAND_DISPLAY: '' });
  } finally {
    await display.stop();
  }
}

/** Larger than the app's window by default, in true colour. */
const SCREEN = '1440x900x24';

/** Starts a display that nobody sees, on the first free number, for this process to stop. */
async function startVirtualDisplay(): Promise<Display> {
  // Xvfb chooses the number and writes it to file descriptor 3.
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset'];
  const server = spawn(findCommand('Xvfb') ?? 'Xvfb', args, {
    // A group of its own: on Ctrl-C it outlives the window that is closing.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const exit = once(server, 'exit').catch((error: Error) => [error.message]);
  const number = once(server.stdio[3] as NodeJS.ReadableStream, 'data');
  const first = await Promise.race([number, exit.then(([code]) => code)]);
  if (!Array.isArray(first)) throw new SetupError(`Xvfb did not start (${first}).`);
  return {
    name: `:${String(first[0]).trim()}`,
    stop: async () => {
      server.kill('SIGTERM');
      await exit;
    },
  };
}
