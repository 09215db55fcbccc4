import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dockerd } from './dockerd';

/** Stops the daemon's process during a callback: it answers requests afterwards. */
export async function whileDockerStands(
  daemon: Pick<Dockerd, 'folder'>,
  use: () => Promise<void>,
): Promise<void> {
  const pid = Number(await readFile(join(daemon.folder, 'docker.pid'), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  try {
    await use();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
