import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { DEFAULT_API_PORT } from '#shared/contract/schemas/defaultSettings';
import {
  apiKeyFile,
  apiSocketPath,
  identityFile,
  resolveHome,
  settingsFile,
} from '../../homePaths';
import { Failure } from '../failure';

/** How the app is reached, and what to show it. */
export interface ApiAddress {
  /** `http://host:port`; with a socket path, only the name that goes along. */
  origin: string;
  socketPath: string | null;
  key: string;
}

/**
 * From the environment, else from the home folder of the app. The hosted service's own variables count
 * only where they point to this computer: whoever traces to the hosted service has them set too.
 *
 * @throws Failure when a variable holds no address
 */
export function findApi(env: NodeJS.ProcessEnv): ApiAddress {
  const key = env.SANDGLASS_API_KEY;
  if (env.SANDGLASS_API_URL) {
    const origin = originOf('SANDGLASS_API_URL', env.SANDGLASS_API_URL);
    // The key in the home is for this computer only.
    return { origin, socketPath: null, key: key ?? (isLoopback(origin) ? storedKey(env) : '') };
  }
  if (env.SANDGLASS_API_PORT && env.SANDGLASS_API_PORT !== '0') {
    const origin = originOf('SANDGLASS_API_PORT', `http://127.0.0.1:${env.SANDGLASS_API_PORT}`);
    return { origin, socketPath: null, key: key ?? storedKey(env) };
  }
  if (env.LANGSMITH_ENDPOINT) {
    const origin = originOf('LANGSMITH_ENDPOINT', env.LANGSMITH_ENDPOINT);
    if (isLoopback(origin)) {
      return { origin, socketPath: null, key: key ?? env.LANGSMITH_API_KEY ?? storedKey(env) };
    }
  }
  const home = resolveHome(env);
  const socketPath = apiSocketPath(home, () => readIfThere(identityFile(home)));
  const hasSocket = socketPath !== null && (process.platform === 'win32' || existsSync(socketPath));
  return {
    origin: hasSocket ? 'http://localhost' : `http://127.0.0.1:${storedPort(home)}`,
    socketPath: hasSocket ? socketPath : null,
    key: key ?? storedKey(env),
  };
}

/** As the client's own variable may have it: with or without the path of the API. */
function originOf(variable: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new Failure(`${variable}: "${text}" is no address. Write it as http://127.0.0.1:7263.`);
}

function isLoopback(origin: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(origin).hostname);
}

function storedKey(env: NodeJS.ProcessEnv): string {
  return readIfThere(apiKeyFile(resolveHome(env)));
}

function storedPort(home: string): number {
  const settings = z.object({ apiPort: z.number() });
  try {
    return settings.parse(JSON.parse(readIfThere(settingsFile(home)))).apiPort;
  } catch {
    return DEFAULT_API_PORT;
  }
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
