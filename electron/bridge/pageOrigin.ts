import { app } from 'electron';

/** The page has an origin of its own, so that who speaks can be checked exactly. */
export const PAGE_SCHEME = 'sandglass';
export const PAGE_HOST = 'app';

/** The address of the page; with `npm run dev` it is the dev server's. */
export const pageUrl = devServer() ?? `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** True for an address of the app's own page and nothing else. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  const page = new URL(pageUrl);
  return protocol === page.protocol && host === page.host;
}

/** Set by electron-vite; a packaged app never loads its page from a server. */
function devServer(): string | null {
  return app.isPackaged ? null : (process.env.ELECTRON_RENDERER_URL ?? null);
}
