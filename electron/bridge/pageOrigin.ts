import { app } from 'electron';
import { isLoopbackName } from '#shared/loopback';

/** The page has a custom origin, so that message senders can be verified exactly. */
export const PAGE_SCHEME = 'sandglass';
export const PAGE_HOST = 'app';

/** URL of the dev server with `npm run dev`, else null. */
export const devServerUrl = devServer();

/** URL of the page. */
export const pageUrl = devServerUrl ?? `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** Whether a URL belongs to the app's own page. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  const page = new URL(pageUrl);
  return protocol === page.protocol && host === page.host;
}

/**
 * Set by electron-vite. Must be on loopback, since the page has the preload script; ignored in a
 * packaged app.
 */
function devServer(): string | null {
  const url = process.env.ELECTRON_RENDERER_URL;
  if (app.isPackaged || !url || !URL.canParse(url)) return null;
  return isLoopbackName(new URL(url).hostname) ? url : null;
}
