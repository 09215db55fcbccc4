import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runInForeground } from './lib/processes';
import { packageCommand, projectFolder } from './lib/project';

/** Sources of the build. */
const SOURCES = [
  'electron',
  'renderer',
  'resources',
  'shared',
  'electron.vite.config.ts',
  'package-lock.json',
  'package.json',
];
/** File that electron-vite writes last. */
const LAST_OUTPUT = join(projectFolder, 'out', 'renderer', 'index.html');

/** Builds the app into `out/`. Resolves with the exit code. */
export function build(): Promise<number> {
  return runInForeground(
    process.execPath,
    [packageCommand('electron-vite', 'electron-vite'), 'build', '--logLevel', 'warn'],
    { cwd: projectFolder },
  );
}

/** Builds the app unless `out/` is newer than all sources. Resolves with the exit code. */
export async function buildIfStale(): Promise<number> {
  return (await isFresh()) ? 0 : await build();
}

async function isFresh(): Promise<boolean> {
  if (!existsSync(LAST_OUTPUT)) return false;
  const built = (await stat(LAST_OUTPUT)).mtimeMs;
  const changes = await Promise.all(SOURCES.map((name) => lastChange(join(projectFolder, name))));
  return built > Math.max(...changes);
}

/**
 * Latest modification time below a path, in milliseconds since the Unix epoch; 0 if it does not
 * exist.
 */
async function lastChange(path: string): Promise<number> {
  const since = await stat(path).catch(() => null);
  if (!since) return 0;
  if (!since.isDirectory()) return since.mtimeMs;
  const children = await readdir(path);
  const changes = await Promise.all(children.map((child) => lastChange(join(path, child))));
  // A folder's own time reflects deleted files.
  return Math.max(since.mtimeMs, ...changes);
}
