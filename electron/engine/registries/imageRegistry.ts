const HUB = 'docker.io';

/**
 * The registry that an image reference names: its first part, where that looks like a host
 * (distribution/reference: a dot, a colon, or "localhost"), else Docker Hub.
 */
export function registryOfImage(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? registryHost(first) : HUB;
}

/** The host (with its port) of a registry's address, however it is written. */
export function registryHost(address: string): string {
  const host =
    address
      .replace(/^https?:\/\//, '')
      .split('/')[0]
      ?.toLowerCase() ?? '';
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? HUB : host;
}
