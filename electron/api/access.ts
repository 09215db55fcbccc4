import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '#shared/loopback';
import { type WireError, wireError } from './wire/errors';

/** Who may call: the key, over a loopback name, from no foreign page. */
export interface Access {
  /** Why a request is refused; null when it may pass. */
  refusal(request: IncomingMessage): WireError | null;
  /** The same for what anybody on this computer may read, without the key. */
  foreign(request: IncomingMessage): WireError | null;
}

/**
 * A web page can send requests to loopback, and with a name of its own that resolves to 127.0.0.1 even
 * read the answers (DNS rebinding). So the name in `Host` must be a loopback one, and an `Origin`, which
 * only browsers send, our own.
 */
export function keyAccess(key: () => string): Access {
  const foreign = ({ headers: { host, origin }, headersDistinct }: IncomingMessage) => {
    if (!isLoopbackHost(host) || headersDistinct.host?.length !== 1) {
      return wireError(403, 'ForbiddenHost', 'This API answers to loopback names only.');
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
      const said = 'The API key is missing or wrong. It is in Settings, under Local API.';
      return wireError(401, 'Unauthorized', said);
    },
  };
}

function keyOf({ headers }: IncomingMessage): string {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return own;
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Takes as long for a key that is wrong at its start as for one that is wrong at its end. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return wanted !== '' && timingSafeEqual(digest(given), digest(wanted));
}
