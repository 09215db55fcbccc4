import type { EgressClient } from './egressClient';
import { matchesGlob } from './glob';
import { type Destination, matchesHost } from './hostMatch';

/** The headers of the first rule that matches a request, by small-lettered name. */
export function injectedHeaders(
  { egress, unseal }: EgressClient,
  target: Destination & { path: string },
): Record<string, string> {
  const path = plainPath(target.path);
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

/** A prefix before a slash and stars, and a suffix behind them, count without that slash. */
function matchesPath(pattern: string, path: string): boolean {
  return matchesGlob(pattern.replace(/\/\*+$/, '*').replace(/^\*+\//, '*'), path);
}

/** Without the query, and as the server will understand it: without dots that lead elsewhere. */
function plainPath(path: string): string {
  return path.startsWith('/') ? new URL(`http://host${path}`).pathname : path;
}
