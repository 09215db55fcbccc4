import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dockerd } from './dockerd';

/** Has Docker stand still while something is done: it is answered when that is over. */
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
