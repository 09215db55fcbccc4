import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SandglassError } from '#shared/errors';

/** Address of a Docker-compatible engine. */
export interface Endpoint {
  /** `unix:///…`, `npipe:////./pipe/…`, `tcp://host:port` or `ssh://user@host`. */
  address: string;
  /** Origin for display: `DOCKER_HOST`, `context colima`, `OrbStack`. */
  source: string;
  /** Folder with ca.pem, cert.pem and key.pem; null without TLS. */
  tlsFolder: string | null;
}

/**
 * Endpoints to try, in the docker CLI's order: DOCKER_HOST, DOCKER_CONTEXT, the current context of
 * config.json. Without any of them, the sockets of known engines: a desktop app starts without a shell's
 * environment. An explicit choice has no fallback.
 *
 * @throws SandglassError `engine_unreachable` when the selected context does not exist
 */
export function findEndpoints(env: NodeJS.ProcessEnv, home = homedir()): Endpoint[] {
  if (env.DOCKER_HOST) {
    const usesTls = env.DOCKER_TLS_VERIFY !== undefined && env.DOCKER_TLS_VERIFY !== '';
    return [
      {
        address: env.DOCKER_HOST,
        source: 'DOCKER_HOST',
        tlsFolder: usesTls ? (env.DOCKER_CERT_PATH ?? join(home, '.docker')) : null,
      },
    ];
  }
  const configFolder = env.DOCKER_CONFIG ?? join(home, '.docker');
  const context = env.DOCKER_CONTEXT || currentContext(configFolder);
  if (context && context !== 'default') return [contextEndpoint(configFolder, context)];
  return knownEndpoints(env, home);
}

function currentContext(configFolder: string): string | null {
  const config = readJson(join(configFolder, 'config.json')) as { currentContext?: string } | null;
  return config?.currentContext ?? null;
}

/** Reads a context from a folder that is named by the SHA-256 of its name (docker/cli context store). */
function contextEndpoint(configFolder: string, name: string): Endpoint {
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = readJson(join(configFolder, 'contexts', 'meta', digest, 'meta.json')) as {
    Endpoints?: { docker?: { Host?: string } };
  } | null;
  const address = meta?.Endpoints?.docker?.Host;
  if (!address) {
    throw new SandglassError('engine_unreachable', `The docker context "${name}" does not exist.`, {
      hint: 'Choose another one with "docker context use default", or set DOCKER_HOST.',
    });
  }
  const tlsFolder = join(configFolder, 'contexts', 'tls', digest, 'docker');
  return {
    address,
    source: `context ${name}`,
    tlsFolder: existsSync(tlsFolder) ? tlsFolder : null,
  };
}

function knownEndpoints(env: NodeJS.ProcessEnv, home: string): Endpoint[] {
  if (process.platform === 'win32') {
    const pipe = (name: string, source: string) => ({
      address: `npipe:////./pipe/${name}`,
      source,
      tlsFolder: null,
    });
    return [
      pipe('docker_engine', 'Docker Engine'),
      pipe('dockerDesktopLinuxEngine', 'Docker Desktop'),
      pipe('podman-machine-default', 'Podman'),
    ];
  }
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  const sockets: Array<[path: string, source: string]> = [
    ['/var/run/docker.sock', 'Docker Engine'],
    [join(runtime, 'docker.sock'), 'Docker Engine (rootless)'],
    [join(home, '.docker', 'run', 'docker.sock'), 'Docker Desktop'],
    [join(home, '.docker', 'desktop', 'docker.sock'), 'Docker Desktop'],
    [join(home, '.rd', 'docker.sock'), 'Rancher Desktop'],
    [join(home, '.colima', 'default', 'docker.sock'), 'Colima'],
    [join(home, '.config', 'colima', 'default', 'docker.sock'), 'Colima'],
    [join(home, '.orbstack', 'run', 'docker.sock'), 'OrbStack'],
    [join(runtime, 'podman', 'podman.sock'), 'Podman'],
    ['/run/podman/podman.sock', 'Podman'],
    [join(home, '.local/share/containers/podman/machine/podman.sock'), 'Podman'],
  ];
  const present = sockets.filter(([path]) => existsSync(path));
  // Without any, the error shows the address of the first one.
  const candidates = present.length > 0 ? present : sockets.slice(0, 1);
  return candidates.map(([path, source]) => ({
    address: `unix://${path}`,
    source,
    tlsFolder: null,
  }));
}

function readJson(file: string): unknown {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
