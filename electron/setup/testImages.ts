import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { projectFolder } from './lib/project';

/**
 * Begins to make the images that tests need and that are kept between runs, beside the first steps:
 * a minute and a half on a new machine. A test that comes before they are made waits for them, and
 * makes what has failed here itself. Returns the way to end it.
 */
export function beginTestImages(): () => Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/prepareImages.ts'], {
    cwd: projectFolder,
    stdio: 'ignore',
  });
  const exit = once(child, 'exit').catch(() => {});
  // What is in the foreground goes first.
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return async () => {
    child.kill('SIGKILL');
    await exit;
  };
}
