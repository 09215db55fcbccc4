const HUB = 'docker.io';

/**
 * Returns the registry of an image reference: its first component if that is a host (a dot, a colon or
 * "localhost", as in distribution/reference), else Docker Hub.
 */
export function registryOfImage(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? registryHost(first) : HUB;
}

/** Returns the host and port of a registry address in any spelling. */
export function registryHost(address: string): string {
  const host =
    address
      .replace(/^https?:\/\//, '')
      .split('/')[0]
      ?.toLowerCase() ?? '';
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? HUB : host;
}
