import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const BUSY_TIMEOUT_MS = 120_000;

/**
 * Unmounts when nothing uses it any more. A process that was just killed may: its memory, by which it is
 * seen, goes before its files.
 */
export async function unmount(...args: string[]): Promise<void> {
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      await exec('umount', args);
      return;
    } catch (thrown) {
      if (!/busy/.test(String(thrown)) || Date.now() > deadline) throw thrown;
    }
    await sleep(20);
  }
}
