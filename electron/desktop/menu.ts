import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { NavigationTarget } from '#shared/desktopApi';
import { devServerUrl } from '../bridge/pageOrigin';

/**
 * Installs the application menu. It has no accelerators that a shell uses, such as Ctrl+W and
 * Ctrl+R.
 */
export function installMenu(show: (target: NavigationTarget) => void): void {
  const isMac = process.platform === 'darwin';
  const go = (label: string, target: NavigationTarget): MenuItemConstructorOptions => ({
    label,
    click: () => show(target),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: 'File',
      submenu: [
        go('New Sandbox…', { page: 'new-sandbox' }),
        { type: 'separator' },
        isMac ? { role: 'close' } : { label: 'Quit', click: () => app.quit() },
      ],
    },
    ...(isMac ? [{ role: 'editMenu' as const }] : []),
    {
      label: 'View',
      submenu: [
        go('Snapshots', { page: 'snapshots' }),
        go('Sandboxes', { page: 'sandboxes' }),
        go('Activity', { page: 'activity' }),
        go('Disk', { page: 'disk' }),
        go('Settings', { page: 'settings' }),
        { type: 'separator' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'resetZoom' },
        { role: 'togglefullscreen' },
        ...(devServerUrl ? [{ role: 'toggleDevTools' as const, accelerator: 'F12' }] : []),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' as const }] : []),
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
