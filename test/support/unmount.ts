import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const BUSY_TIMEOUT_MS = 120_000;

/**
 * Unmounts as soon as the mount is unused. A process that was just killed frees its memory, and with it
 * its command line in /proc, before it closes its files.
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
