import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { DEFAULT_API_PORT } from '#shared/contract/schemas/defaultSettings';
import { isLoopbackName } from '#shared/loopback';
import {
  apiKeyFile,
  apiSocketPath,
  identityFile,
  resolveHome,
  settingsFile,
} from '../../homePaths';
import { Failure } from '../failure';

/** Address of the local API and the key for it. */
export interface ApiAddress {
  /** `http://host:port`. With a socket path it only supplies the `Host` header. */
  origin: string;
  socketPath: string | null;
  key: string;
}

/**
 * Finds the API from environment variables, else from the app's home folder. The SDK's own
 * variables are used only if they point to this computer, since they may be set for tracing to the
 * hosted service.
 *
 * @throws Failure if a variable is not a valid URL
 */
export function findApi(env: NodeJS.ProcessEnv): ApiAddress {
  const key = env.SANDGLASS_API_KEY;
  if (env.SANDGLASS_API_URL) {
    const origin = originOf('SANDGLASS_API_URL', env.SANDGLASS_API_URL);
    // The key in the home is valid for this computer only.
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
  const socketPath = apiSocketPath(home, () => readIfPresent(identityFile(home)));
  const hasSocket = socketPath !== null && (process.platform === 'win32' || existsSync(socketPath));
  return {
    origin: hasSocket ? 'http://localhost' : `http://127.0.0.1:${storedPort(home)}`,
    socketPath: hasSocket ? socketPath : null,
    key: key ?? storedKey(env),
  };
}

/** Origin of a URL, which may include the path of the API. */
function originOf(variable: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new Failure(
    `${variable}: "${text}" is not a valid URL. Use the form http://127.0.0.1:7263.`,
  );
}

function isLoopback(origin: string): boolean {
  return isLoopbackName(new URL(origin).hostname);
}

function storedKey(env: NodeJS.ProcessEnv): string {
  return readIfPresent(apiKeyFile(resolveHome(env)));
}

function storedPort(home: string): number {
  const settings = z.object({ apiPort: z.number() });
  try {
    return settings.parse(JSON.parse(readIfPresent(settingsFile(home)))).apiPort;
  } catch {
    return DEFAULT_API_PORT;
  }
}

function readIfPresent(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
