import { app } from 'electron';

/** The page has an origin of its own, so that who speaks can be checked exactly. */
export const PAGE_SCHEME = 'sandglass';
export const PAGE_HOST = 'app';

/** The dev server with `npm run dev`, else null. Only this machine's: the page has the preload. */
export const devServerUrl = devServer();

/** The address of the page. */
export const pageUrl = devServerUrl ?? `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** True for an address of the app's own page and nothing else. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  const page = new URL(pageUrl);
  return protocol === page.protocol && host === page.host;
}

/** Set by electron-vite; a packaged app never loads its page from a server. */
function devServer(): string | null {
  const url = process.env.ELECTRON_RENDERER_URL;
  if (app.isPackaged || !url || !URL.canParse(url)) return null;
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname) ? url : null;
}
