import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RegistryLogin } from '../docker';
import { registryHost } from './imageRegistry';

/** Logins in the docker CLI's config.json. */
interface DockerConfig {
  auths?: Record<string, { auth?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** Key of Docker Hub in config.json. */
const HUB_KEY = 'https://index.docker.io/v1/';

/**
 * Returns a registry's login from "docker login": from a credential helper (protocol:
 * docker/docker-credential-helpers) or from config.json. Returns null if there is none or the helper
 * fails, since the pull may need no login.
 */
export async function dockerLogin(
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryLogin | null> {
  const config = readConfig(env);
  if (!config) return null;
  const keys = host === 'docker.io' ? [HUB_KEY] : [host, `https://${host}`, `http://${host}`];
  const helper = keys.map((key) => config.credHelpers?.[key]).find(Boolean) ?? config.credsStore;
  if (helper) {
    for (const key of keys) {
      const login = await runHelper(helper, key, env);
      if (login) return login;
    }
  }
  const entry = Object.entries(config.auths ?? {}).find(([key]) => registryHost(key) === host);
  return entry?.[1].auth ? parseAuth(host, entry[1].auth) : null;
}

function readConfig(env: NodeJS.ProcessEnv): DockerConfig | null {
  const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker');
  const file = join(folder, 'config.json');
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DockerConfig;
  } catch {
    return null;
  }
}

/** Runs a helper over stdin and stdout, so no secret appears in a process list. */
async function runHelper(
  name: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryLogin | null> {
  try {
    const helper = spawn(`docker-credential-${name}`, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const failed = new Promise<never>((_, reject) => helper.once('error', reject));
    helper.stdin.on('error', () => {});
    helper.stdin.end(server);
    const answer = JSON.parse(await Promise.race([text(helper.stdout), failed])) as {
      Username?: string;
      Secret?: string;
    };
    if (!answer.Username || !answer.Secret) return null;
    return { server, username: answer.Username, password: answer.Secret };
  } catch {
    return null;
  }
}

function parseAuth(server: string, auth: string): RegistryLogin | null {
  const plain = Buffer.from(auth, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  if (colon < 1) return null;
  return { server, username: plain.slice(0, colon), password: plain.slice(colon + 1) };
}
