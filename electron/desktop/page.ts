import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { app, protocol } from 'electron';
import { PAGE_HOST, PAGE_SCHEME } from '../bridge/pageOrigin';

/** Inline styles are allowed because xterm.js uses them to size its rows. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Registers the page's scheme. Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page, restricted to files in its folder. */
export function servePage(): void {
  const folder = join(app.getAppPath(), 'out', 'renderer');
  protocol.handle(PAGE_SCHEME, async (request) => {
    const { pathname, host } = new URL(request.url);
    try {
      const file = normalize(join(folder, decodeURIComponent(pathname)));
      if (host !== PAGE_HOST || !file.startsWith(folder + sep)) return notFound();
      return new Response(await readFile(file), {
        headers: {
          'Content-Type': contentTypes[extname(file)] ?? 'application/octet-stream',
          'Content-Security-Policy': contentSecurityPolicy,
          'X-Content-Type-Options': 'nosniff',
        },
      });
    } catch {
      // No such file, or an invalid path.
      return notFound();
    }
  });
}

function notFound(): Response {
  return new Response('Not found', { status: 404 });
}
