import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SandglassError } from '#shared/errors';

/** An address where a Docker-compatible engine may answer. */
export interface Endpoint {
  /** `unix:///…`, `npipe:////./pipe/…`, `tcp://host:port` or `ssh://user@host`. */
  address: string;
  /** How it was found, for people: `DOCKER_HOST`, `context colima`, `OrbStack`. */
  source: string;
  /** Folder with ca.pem, cert.pem and key.pem, where the address wants TLS. */
  tlsFolder: string | null;
}

/**
 * The addresses to try, in the docker CLI's own order: DOCKER_HOST, DOCKER_CONTEXT, the current
 * context of config.json, and then, since a desktop app starts without a shell's environment, the
 * sockets of the known engines. An explicit choice stands alone: nothing else is tried behind the
 * user's back.
 *
 * @throws SandglassError `engine_unreachable` when the chosen context does not exist
 */
export function findEndpoints(env: NodeJS.ProcessEnv, home = homedir()): Endpoint[] {
  if (env.DOCKER_HOST) {
    const wantsTls = env.DOCKER_TLS_VERIFY !== undefined && env.DOCKER_TLS_VERIFY !== '';
    return [
      {
        address: env.DOCKER_HOST,
        source: 'DOCKER_HOST',
        tlsFolder: wantsTls ? (env.DOCKER_CERT_PATH ?? join(home, '.docker')) : null,
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

/** A context's files lie in a folder named by the SHA-256 of its name (docker/cli context store). */
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
  // With none there, the first one gives the error its address.
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
