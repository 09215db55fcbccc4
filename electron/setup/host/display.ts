import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findCommand } from '../lib/processes';
import { printStatus, SetupError } from '../lib/status';
import type { Host } from './host';

interface Display {
  /** Value for `DISPLAY`. */
  name: string;
  stop(): Promise<void>;
}

type RunWithDisplay<T> = (environment: NodeJS.ProcessEnv) => Promise<T>;

/**
 * Runs a function that opens windows: on the user's display, or on a virtual one if there is none.
 */
export async function onDisplay<T>(host: Host, run: RunWithDisplay<T>): Promise<T> {
  if (host.hasDisplay) return await run({});
  printStatus('No display found: windows open on a virtual display (Xvfb) and are not visible.');
  return await onVirtualDisplay(run);
}

/** Runs a function on a separate virtual display of fixed size. */
export async function onVirtualDisplay<T>(run: RunWithDisplay<T>): Promise<T> {
  const display = await startVirtualDisplay();
  try {
    return await run({ DISPLAY: display.name, WAYLAND_DISPLAY: '' });
  } finally {
    await display.stop();
  }
}

/** Larger than the app's default window size, 24-bit colour. */
const SCREEN = '1440x900x24';

/** Starts Xvfb on the first free display number. */
async function startVirtualDisplay(): Promise<Display> {
  // Xvfb picks the number and writes it to file descriptor 3.
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset'];
  const server = spawn(findCommand('Xvfb') ?? 'Xvfb', args, {
    // Own process group: on Ctrl-C it outlives the closing window.
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
