import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '#shared/loopback';
import { type WireError, wireError } from './wire/errors';

/** Access check of the API: the API key, a loopback `Host`, no foreign `Origin`. */
export interface Access {
  /** Error for a request that is refused; null if it may proceed. */
  refusal(request: IncomingMessage): WireError | null;
  /** The same without the key: for public routes, which are still limited to this computer. */
  foreign(request: IncomingMessage): WireError | null;
}

/**
 * Rejects cross-site and DNS-rebinding requests. A web page can send requests to loopback, and with
 * a DNS name that resolves to 127.0.0.1 even read the responses, so `Host` must be a loopback name
 * and `Origin`, which only browsers send, must be the API's own.
 */
export function keyAccess(key: () => string): Access {
  const foreign = ({ headers: { host, origin }, headersDistinct }: IncomingMessage) => {
    if (!isLoopbackHost(host) || headersDistinct.host?.length !== 1) {
      return wireError(
        403,
        'ForbiddenHost',
        'This API accepts requests to loopback host names only.',
      );
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return wireError(403, 'ForbiddenOrigin', 'Other web pages may not call this API.');
    }
    return null;
  };
  return {
    foreign,
    refusal: (request) => {
      const refused = foreign(request);
      if (refused) return refused;
      if (isSame(keyOf(request), key())) return null;
      const message = 'The API key is missing or wrong. Find it in Settings, under Local API.';
      return wireError(401, 'Unauthorized', message);
    },
  };
}

function keyOf({ headers }: IncomingMessage): string {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return own;
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Compares digests in constant time, so that timing reveals neither the key nor its length. */
function isSame(actual: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(actual), digest(expected));
}
