import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackHost } from '#shared/loopback';
import type { Refusal } from './refusals';
import type { ServiceToken, ServiceTokens } from './serviceTokens';

/** Request header in which the hosted service's client sends its token. */
const TOKEN_HEADER = 'x-langsmith-sandbox-service-token';
/** Browsers send cookies of 127.0.0.1 to all its ports, so cookies with this prefix are stripped. */
const COOKIE_PREFIX = 'sandglass-service-';

const foreignHost: Refusal = {
  status: 403,
  error: 'ForbiddenHost',
  message: 'This service accepts requests to loopback names only.',
};
const foreignPage: Refusal = {
  status: 403,
  error: 'ForbiddenOrigin',
  message: 'Other web pages may not call this service.',
};
const noToken: Refusal = {
  status: 401,
  error: 'Unauthorized',
  message: 'The service token is missing, wrong or expired. Ask for a new service URL.',
};

/** Authenticates requests to one port of one sandbox. */
export class ServiceGate {
  private readonly cookieName = COOKIE_PREFIX + randomUUID();

  constructor(private readonly tokens: ServiceTokens) {}

  /**
   * Accepts a token in the header from any caller. A cookie is accepted from the service's own pages and
   * for navigation only, since browsers send it with requests of other pages too.
   */
  authenticate(request: IncomingMessage): { token: ServiceToken } | { refusal: Refusal } {
    if (!isLoopbackHost(request.headers.host)) return { refusal: foreignHost };
    const given = request.headers[TOKEN_HEADER];
    const byHeader = typeof given === 'string' ? this.tokens.find(given) : null;
    if (byHeader) return { token: byHeader };
    const byCookie = this.cookieToken(request);
    if (!byCookie) return { refusal: noToken };
    if (isOwnPage(request) || isNavigation(request)) return { token: byCookie };
    return { refusal: foreignPage };
  }

  /**
   * Stores a token in an HttpOnly cookie and redirects to the service.
   *
   * @param redirect path of the service; anything else becomes `/`
   * @returns the refusal; null if the response was sent
   */
  admit(
    request: IncomingMessage,
    { token, redirect }: { token: string; redirect: string | null },
    response: ServerResponse,
  ): Refusal | null {
    if (!isLoopbackHost(request.headers.host)) return foreignHost;
    const found = this.tokens.find(token);
    if (!found) return noToken;
    const seconds = Math.ceil((found.expiresAt - Date.now()) / 1000);
    // In a frame of another site, browsers accept only partitioned cookies. Loopback counts as secure.
    const isFramed = found.embedOrigins.length > 0;
    const scope = isFramed ? 'SameSite=None; Secure; Partitioned' : 'SameSite=Lax';
    response.writeHead(303, {
      'set-cookie': `${this.cookieName}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; ${scope}`,
      location: ownPath(redirect),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
    return null;
  }

  private cookieToken(request: IncomingMessage): ServiceToken | null {
    // A page on another port can set a cookie of the same name, so any valid one is accepted.
    for (const cookie of cookiesOf(request)) {
      if (!cookie.startsWith(`${this.cookieName}=`)) continue;
      const found = this.tokens.find(cookie.slice(this.cookieName.length + 1));
      if (found) return found;
    }
    return null;
  }
}

/** Removes tokens from a request, so that no sandbox receives one. */
export function stripTokens(request: IncomingMessage): void {
  const { headers } = request;
  delete headers[TOKEN_HEADER];
  const left = cookiesOf(request).filter((cookie) => !cookie.startsWith(COOKIE_PREFIX));
  if (left.length > 0) headers.cookie = left.join('; ');
  else delete headers.cookie;
}

function cookiesOf({ headers: { cookie = '' } }: IncomingMessage): string[] {
  return cookie
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Resolves a path as a browser does; returns `/` for another origin. */
function ownPath(text: string | null): string {
  const base = 'http://own';
  if (!text?.startsWith('/') || !URL.canParse(text, base)) return '/';
  const { origin, pathname, search, hash } = new URL(text, base);
  return origin === base && !pathname.startsWith('//') ? pathname + search + hash : '/';
}

function isOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  const isOwnOrigin = headers.origin === undefined || headers.origin === `http://${headers.host}`;
  return isOwnOrigin && (site === 'same-origin' || site === 'none');
}

function isNavigation({ headers, method }: IncomingMessage): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return isReading && headers['sec-fetch-mode'] === 'navigate' && headers.upgrade === undefined;
}
