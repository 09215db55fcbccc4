import type { WebContents } from 'electron';
import type { NavigationTarget } from '#shared/desktopApi';

/** Sends the page somewhere: a tray item, a menu item or a notification was chosen. */
export function navigate(page: WebContents, target: NavigationTarget): void {
  page.send('sandglass:navigate', target);
}
