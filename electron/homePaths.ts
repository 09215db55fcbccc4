import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Paths in the home folder that other processes need: the CLI finds the app by them. */

/** Folder of all files that the app writes: `SANDGLASS_HOME`, or the platform's data folder. */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  if (env.SANDGLASS_HOME) return resolve(env.SANDGLASS_HOME);
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'Sandglass');
  }
  if (process.platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Sandglass');
  }
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'sandglass');
}

/** File with the key of the local API. */
export function apiKeyFile(home: string): string {
  return join(home, 'api-key');
}

export function settingsFile(home: string): string {
  return join(home, 'settings.json');
}

/** File with the id by which a home labels its Docker objects. */
export function identityFile(home: string): string {
  return join(home, 'identity');
}

/**
 * Bytes of a Unix socket's path: `sun_path` has 104 bytes on macOS, including the NUL (unix(4)).
 */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Path of the API's Unix socket or named pipe; null if the home's path is too long for a socket.
 */
export function apiSocketPath(home: string, identity: () => string): string | null {
  if (process.platform === 'win32') return `\\\\.\\pipe\\sandglass-${identity()}`;
  const path = join(home, 'api.sock');
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES ? path : null;
}
