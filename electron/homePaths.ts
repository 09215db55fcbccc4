import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where things lie that another process looks for: the command line finds the app by them. */

/** The folder that holds every file the app writes: `SANDGLASS_HOME`, or the platform's place for it. */
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

/** Holds the key of the local API. */
export function apiKeyFile(home: string): string {
  return join(home, 'api-key');
}

export function settingsFile(home: string): string {
  return join(home, 'settings.json');
}

/** Holds the name under which a home labels what it makes. */
export function identityFile(home: string): string {
  return join(home, 'identity');
}

/** A Unix socket's path has at most this many bytes (sockaddr_un). */
const LONGEST_SOCKET_PATH = 103;

/** The API's Unix socket or named pipe; null where the home lies too deep for a socket. */
export function apiSocketPath(home: string, identity: () => string): string | null {
  if (process.platform === 'win32') return `\\\\.\\pipe\\sandglass-${identity()}`;
  const path = join(home, 'api.sock');
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : null;
}
