import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import type { Endpoint } from './endpoint';

/** Creates a dockerode client. @throws SandglassError `engine_unreachable` for an invalid address */
export function createClient(endpoint: Endpoint): Docker {
  const { address, tlsFolder } = endpoint;
  if (address.startsWith('unix://')) return new Docker({ socketPath: address.slice(7) });
  if (address.startsWith('npipe://')) return new Docker({ socketPath: address.slice(8) });
  const url = parseAddress(address);
  // Default ports: 22 for SSH (RFC 4253, 4.1), 2375 and 2376 for Docker without and with TLS (IANA).
  const port = url.port ? Number(url.port) : undefined;
  if (url.protocol === 'ssh:') {
    return new Docker({
      protocol: 'ssh',
      host: url.hostname,
      port: port ?? 22,
      username: url.username || undefined,
      sshOptions: { agent: process.env.SSH_AUTH_SOCK },
    });
  }
  if (tlsFolder) {
    return new Docker({
      protocol: 'https',
      host: url.hostname,
      port: port ?? 2376,
      ca: readFileSync(join(tlsFolder, 'ca.pem')),
      cert: readFileSync(join(tlsFolder, 'cert.pem')),
      key: readFileSync(join(tlsFolder, 'key.pem')),
    });
  }
  return new Docker({ protocol: 'http', host: url.hostname, port: port ?? 2375 });
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !['tcp:', 'http:', 'https:', 'ssh:'].includes(url.protocol)) {
    throw new SandglassError('engine_unreachable', `"${address}" is not an engine address.`, {
      hint: 'Set DOCKER_HOST to unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name.',
    });
  }
  return url;
}
