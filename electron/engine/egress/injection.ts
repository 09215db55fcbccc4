import type { EgressClient } from './egressClient';
import { matchesGlob } from './glob';
import { type Destination, matchesHost } from './hostMatch';

/** Returns the headers of the first matching rule, by lower-case name. */
export function injectedHeaders(
  { egress, unseal }: EgressClient,
  target: Destination & { path: string },
): Record<string, string> {
  const path = normalizePath(target.path);
  const rule = egress.rules.find(
    ({ enabled, hosts, paths }) =>
      enabled &&
      hosts.some((host) => matchesHost(host, target)) &&
      (paths.length === 0 || paths.some((pattern) => matchesPath(pattern, path))),
  );
  const headers = rule?.headers ?? [];
  return Object.fromEntries(
    headers.map(({ name, secret, value }) => [
      name.toLowerCase(),
      secret ? unseal(value ?? '') : (value ?? ''),
    ]),
  );
}

/** Matches a path. A slash beside a leading or trailing star is optional: `/v1/*` matches like `/v1*`. */
function matchesPath(pattern: string, path: string): boolean {
  return matchesGlob(pattern.replace(/\/\*+$/, '*').replace(/^\*+\//, '*'), path);
}

/** Removes the query and dot segments (RFC 3986, 5.2.4), as the server does. */
function normalizePath(path: string): string {
  return path.startsWith('/') ? new URL(`http://host${path}`).pathname : path;
}
