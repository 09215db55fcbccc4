/**
 * What Electron's own default_app.asar does for `electron [options] <folder> [arguments]`, for the
 * substitute Electron, which comes without one: runs the app in the folder that the command line
 * names. Awaited at the top level, so that Electron is ready only after the app's code has loaded.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);

/** As Electron reads it: `-r <module>` loads a module first, the first other word is the app. */
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
  console.error('Usage: electron [options] <folder of an app> [arguments]');
  app.exit(1);
}
