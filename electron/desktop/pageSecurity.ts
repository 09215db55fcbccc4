import { app, type Session, shell, type WebContents } from 'electron';
import { isPageUrl } from '../bridge/pageOrigin';

/** Copying text is all that the page may ask the system for. */
const allowedPermissions = new Set(['clipboard-sanitized-write']);

/** Denies every page of the app whatever it does not need; called once. */
export function lockDownPages(): void {
  app.on('web-contents-created', (_event, contents) => lockDown(contents));
}

/** Denies every permission but copying, to our page only. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, allow) => {
    allow(allowedPermissions.has(permission) && isPageUrl(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (contents, permission) =>
      allowedPermissions.has(permission) && isPageUrl(contents?.getURL() ?? ''),
  );
}

function lockDown(contents: WebContents): void {
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

/** Links in a terminal come from anywhere: only the web's own schemes leave the app. */
function isWebLink(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
