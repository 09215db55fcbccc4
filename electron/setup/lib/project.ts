import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the repository. */
export const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const require = createRequire(import.meta.url);

interface InstalledPackage {
  folder: string;
  version: string;
  bin?: string | Record<string, string>;
}

/** Folder and package.json fields of an installed package. */
export function findPackage(name: string): InstalledPackage {
  const file = require.resolve(`${name}/package.json`);
  return { ...(require(file) as Omit<InstalledPackage, 'folder'>), folder: dirname(file) };
}

/** Script behind a command in `node_modules/.bin`, to be run with Node on any platform. */
export function packageCommand(name: string, command: string): string {
  const { folder, bin } = findPackage(name);
  const file = typeof bin === 'string' ? bin : bin?.[command];
  if (!file) throw new Error(`Package ${name} has no command ${command}.`);
  return join(folder, file);
}
