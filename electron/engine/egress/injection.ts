import picomatch from 'picomatch';
import type { EgressClient } from './egressProxy';
import { type Destination, matchesHost } from './hostMatch';

/** The headers that the rules have for a request, by small-lettered name; a later rule wins. */
export function injectedHeaders(
  { egress, unseal }: EgressClient,
  target: Destination & { path: string },
): Record<string, string> {
  const path = target.path.split('?', 1)[0] ?? '/';
  const matching = egress.rules.filter(
    ({ enabled, hosts, paths }) =>
      enabled &&
      hosts.some((host) => matchesHost(host, target)) &&
      (paths.length === 0 || picomatch.isMatch(path, paths, { bash: true, dot: true })),
  );
  return Object.fromEntries(
    matching.flatMap(({ headers }) =>
      headers.map(({ name, secret, value }) => [
        name.toLowerCase(),
        secret ? unseal(value ?? '') : (value ?? ''),
      ]),
    ),
  );
}
