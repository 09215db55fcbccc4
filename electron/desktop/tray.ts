import { join } from 'node:path';
import { app, Menu, nativeImage, Tray } from 'electron';
import type { Operations } from '#shared/contract/index';
import type { Log } from '../log';
import { type TrayActions, trayMenuTemplate } from './trayMenu';

/** Milliseconds between a change and rebuilding the menu, since changes come in bursts. */
const REBUILD_DEBOUNCE_MS = 150;

/** Tray icon with a menu that follows the engine's state. */
export class SandglassTray {
  private readonly tray: Tray;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly operations: Operations,
    private readonly actions: TrayActions,
    private readonly log: Log,
  ) {
    this.tray = new Tray(trayIcon());
    this.tray.setToolTip('Sandglass');
    // On macOS a click opens the menu.
    if (process.platform !== 'darwin') this.tray.on('click', () => actions.show());
    this.rebuild();
  }

  /** Schedules a rebuild of the menu. */
  refresh(): void {
    if (this.tray.isDestroyed()) return;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.rebuild();
    }, REBUILD_DEBOUNCE_MS);
  }

  destroy(): void {
    if (this.timer) clearTimeout(this.timer);
    this.tray.destroy();
  }

  private rebuild(): void {
    this.showState().catch((thrown: unknown) => this.log('Could not build the tray menu:', thrown));
  }

  private async showState(): Promise<void> {
    const { engine, sandboxes, snapshots } = this.operations;
    const [status, boxes, favourites, recent] = await Promise.all([
      engine.status(),
      sandboxes.list(),
      snapshots.list({ favourite: true }),
      snapshots.list(),
    ]);
    if (this.tray.isDestroyed()) return;
    const template = trayMenuTemplate(
      {
        engine: status,
        sandboxes: boxes,
        favourites: favourites.snapshots,
        recent: recent.snapshots,
      },
      this.actions,
    );
    this.tray.setContextMenu(Menu.buildFromTemplate(template));
  }
}

function trayIcon(): Electron.NativeImage {
  // macOS tints template images, which it recognizes by the file name.
  const name = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
  return nativeImage.createFromPath(join(app.getAppPath(), 'resources', name));
}
