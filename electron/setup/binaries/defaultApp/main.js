/**
 * Replacement of Electron's default_app.asar, which the substitute Electron lacks. Runs the app in
 * the folder given on the command line (`electron [options] <folder> [arguments]`). The app is
 * imported with a top-level await, so that Electron is ready only after it has loaded.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);

/**
 * Parses the command line as Electron does: `-r <module>` preloads a module, the first positional
 * argument is the app.
 */
function readCommandLine(words) {
  const modules = [];
  for (let index = 0; index < words.length; index += 1) {
    if (words[index] === '-r' || words[index] === '--require') {
      index += 1;
      modules.push(words[index]);
    } else if (!words[index].startsWith('-')) {
      return { modules, folder: resolve(words[index]) };
    }
  }
  return { modules, folder: null };
}

const { modules, folder } = readCommandLine(process.argv.slice(1));
if (folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  Object.defineProperty(process, 'defaultApp', { value: true });
  app.setAppPath(folder);
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version ?? app.getVersion());
  for (const module of modules) require(module);
  await import(pathToFileURL(join(folder, manifest.main ?? 'index.js')).href);
} else {
  console.error('Usage: electron [options] <app folder> [arguments]');
  app.exit(1);
}
