import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const script = join(import.meta.dirname, '../../electron/headless.ts');

/** The engine without a window, in a separate process. */
export interface Headless {
  process: ChildProcess;
  /** The line that it prints. */
  said: Record<string, unknown>;
  /** Sends a signal; resolves with the exit code or signal. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts it and waits for its line. Kills it after the test if it still runs. */
export async function startHeadless(env: Record<string, string>): Promise<Headless> {
  const headless = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(headless, 'exit').then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    if (headless.exitCode === null && headless.signalCode === null) headless.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  const reader = createInterface({ input: headless.stdout });
  reader.on('line', (line) => lines.push(line));
  await Promise.race([once(reader, 'line'), once(reader, 'close')]);
  if (lines.length !== 1) throw new Error(`It said: ${lines.join('\n') || 'nothing'}`);
  return {
    process: headless,
    said: JSON.parse(lines[0] ?? '') as Record<string, unknown>,
    ended,
    end: (signal) => {
      headless.kill(signal);
      return ended;
    },
  };
}
