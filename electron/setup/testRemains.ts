import { run } from './lib/processes';
import { projectFolder } from './lib/project';

/** Removes the Docker daemons and other processes that interrupted tests have left behind, now or in the past. */
export async function removeTestRemains(): Promise<void> {
  await run(process.execPath, ['--import', 'tsx', 'test/support/sweep.ts'], {
    cwd: projectFolder,
  });
}
