import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerHost } from './engine';
import type { Deed } from './engineProcess';

/**
 * Starts an operation in an engine in a separate process, and kills that process after a number of
 * milliseconds or when a promise resolves.
 */
export async function killWhile(
  home: string,
  deed: Deed,
  when: number | (() => Promise<unknown>),
  host: string = dockerHost(),
): Promise<void> {
  const script = join(import.meta.dirname, 'engineProcess.ts');
  const engine = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(deed)], {
    env: { ...process.env, SANDGLASS_HOME: home, DOCKER_HOST: host },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(engine, 'exit');
  for await (const line of createInterface({ input: engine.stdout })) {
    if (line === 'begun') break;
  }
  await (typeof when === 'number' ? sleep(when) : when());
  engine.kill('SIGKILL');
  await exit;
}
