import type { WebContents } from 'electron';
import type { NavigationTarget } from '#shared/desktopApi';

/** Navigates the page, as requested by a tray item, a menu item or a notification. */
export function navigate(page: WebContents, target: NavigationTarget): void {
  page.send('sandglass:navigate', target);
}
