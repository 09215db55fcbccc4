import { run } from './processes';
import { projectFolder } from './project';

/** Removes private Docker daemons that interrupted tests have left behind, now or in the past. */
export async function removeTestDaemons(): Promise<void> {
  await run(process.execPath, ['--import', 'tsx', 'test/support/sweep.ts'], {
    cwd: projectFolder,
  });
}
