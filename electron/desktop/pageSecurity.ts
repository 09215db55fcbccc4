import { app, type Session, shell, type WebContents } from 'electron';
import { isPageUrl } from '../bridge/pageOrigin';

/** The page may only write text to the clipboard. */
const allowedPermissions = new Set(['clipboard-sanitized-write']);

/** Restricts navigation, webviews and new windows of all pages. Called once. */
export function restrictPages(): void {
  app.on('web-contents-created', (_event, contents) => restrict(contents));
}

/** Denies all permissions except `allowedPermissions`, which only the app's page gets. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, allow) => {
    allow(allowedPermissions.has(permission) && isPageUrl(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (contents, permission) =>
      allowedPermissions.has(permission) && isPageUrl(contents?.getURL() ?? ''),
  );
}

function restrict(contents: WebContents): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (!isPageUrl(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isWebLink(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

/** Links in a terminal are untrusted: only web URLs are opened outside the app. */
function isWebLink(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
