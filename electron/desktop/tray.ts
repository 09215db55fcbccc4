import { join } from 'node:path';
import { app, Menu, nativeImage, Tray } from 'electron';
import type { Operations } from '#shared/contract/index';
import { type TrayActions, trayMenuTemplate } from './trayMenu';

/** Changes come in bursts; a menu is rebuilt once after each. Milliseconds. */
const SETTLE_MS = 150;

/** The icon in the system's tray, with a menu that follows what happens. */
export class SandglassTray {
  private readonly tray: Tray;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly operations: Operations,
    private readonly actions: TrayActions,
  ) {
    this.tray = new Tray(trayIcon());
    this.tray.setToolTip('Sandglass');
    this.tray.on('double-click', () => actions.show());
    void this.rebuild();
  }

  /** Something changed that the menu may show. */
  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.rebuild();
    }, SETTLE_MS);
  }

  destroy(): void {
    if (this.timer) clearTimeout(this.timer);
    this.tray.destroy();
  }

  private async rebuild(): Promise<void> {
    const [engine, sandboxes] = await Promise.all([
      this.operations.engine.status(),
      this.operations.sandboxes.list(),
    ]);
    if (this.tray.isDestroyed()) return;
    const template = trayMenuTemplate({ engine, sandboxes }, this.actions);
    this.tray.setContextMenu(Menu.buildFromTemplate(template));
  }
}

function trayIcon(): Electron.NativeImage {
  // macOS tints a template image itself, and knows one by its name.
  const name = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
  return nativeImage.createFromPath(join(app.getAppPath(), 'resources', name));
}
