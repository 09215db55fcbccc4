/** Path prefix of all sandbox and snapshot endpoints. */
export const API_PATH = '/v2/sandboxes';

/** Prefix that newer versions of the SDK put before `API_PATH`. */
const ALIAS_PREFIX = '/api';

/** Maps the aliased path prefix of a request URL to `API_PATH`; other URLs stay as they are. */
export function canonicalUrl(url: string): string {
  const isAlias = /^\/api\/v2\/sandboxes(?=[/?]|$)/.test(url);
  return isAlias ? url.slice(ALIAS_PREFIX.length) : url;
}
