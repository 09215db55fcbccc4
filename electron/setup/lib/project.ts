import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const require = createRequire(import.meta.url);

interface InstalledPackage {
  folder: string;
  version: string;
  bin?: string | Record<string, string>;
}

/** A package in node_modules: where it is, and what its package.json says. */
export function findPackage(name: string): InstalledPackage {
  const file = require.resolve(`${name}/package.json`);
  return { ...(require(file) as Omit<InstalledPackage, 'folder'>), folder: dirname(file) };
}

/** The file behind a command of `node_modules/.bin`, to be run with Node on every platform. */
export function packageCommand(name: string, command: string): string {
  const { folder, bin } = findPackage(name);
  const file = typeof bin === 'string' ? bin : bin?.[command];
  if (!file) throw new Error(`The package ${name} has no command ${command}.`);
  return join(folder, file);
}
