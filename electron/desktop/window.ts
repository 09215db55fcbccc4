import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme } from 'electron';
import type { NavigationTarget } from '#shared/desktopApi';
import { navigate } from '../bridge/navigation';
import { pageUrl } from '../bridge/pageOrigin';
import type { Log } from '../log';
import { readWindowState, rememberWindowState } from './windowState';

/** Background colours of the page (renderer/ui/tokens.css), to avoid a white flash on opening. */
const background = { dark: '#16150f', light: '#faf9f6' } as const;

/** Milliseconds after a crash within which a second crash does not reload the page. */
const CRASH_LOOP_MS = 10_000;

/** The app's only window. Created when first shown; hidden to the tray or closed afterwards. */
export class MainWindow {
  private window: BrowserWindow | null = null;
  /** Navigation target for a page that is still loading. */
  private waitingTarget: NavigationTarget | null = null;
  private loaded = false;
  private crashedAt = 0;

  /**
   * @param stateFile file for size and position
   * @param staysInTray asked on close: true hides the window, false closes it
   */
  constructor(
    private readonly stateFile: string,
    private readonly staysInTray: () => boolean,
    private readonly log: Log,
  ) {
    nativeTheme.on('updated', () => this.window?.setBackgroundColor(backgroundColor()));
  }

  get isFocused(): boolean {
    return this.window?.isFocused() ?? false;
  }

  /** Shows and focuses the window, and navigates to a target. */
  show(target: NavigationTarget | null = null): void {
    this.window ??= this.create();
    if (this.window.isMinimized()) this.window.restore();
    if (this.loaded) {
      this.window.show();
      this.window.focus();
    }
    if (!target) return;
    if (this.loaded) navigate(this.window.webContents, target);
    else this.waitingTarget = target;
  }

  private create(): BrowserWindow {
    const state = readWindowState(this.stateFile);
    const window = new BrowserWindow({
      width: 1280,
      height: 800,
      ...state?.bounds,
      minWidth: 720,
      minHeight: 480,
      show: false,
      title: 'Sandglass',
      autoHideMenuBar: true,
      icon: join(app.getAppPath(), 'resources', 'icon.png'),
      backgroundColor: backgroundColor(),
      webPreferences: {
        preload: join(app.getAppPath(), 'out', 'preload', 'preload.cjs'),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        spellcheck: false,
      },
    });
    rememberWindowState(window, this.stateFile);
    // Maximizing shows a window, so it waits until the page is ready.
    window.once('ready-to-show', () => (state?.maximized ? window.maximize() : window.show()));
    window.webContents.on('did-finish-load', () => this.onLoaded(window));
    window.webContents.on('render-process-gone', (_event, { reason }) => this.onCrash(reason));
    window.on('close', (event) => {
      if (!this.staysInTray()) return;
      event.preventDefault();
      window.hide();
    });
    window.on('closed', () => {
      this.window = null;
      this.loaded = false;
    });
    void window.loadURL(pageUrl);
    return window;
  }

  private onLoaded(window: BrowserWindow): void {
    this.loaded = true;
    if (this.waitingTarget) navigate(window.webContents, this.waitingTarget);
    this.waitingTarget = null;
  }

  /** Reloads a crashed page. Terminals and tasks live in the main process and are not affected. */
  private onCrash(reason: string): void {
    if (reason === 'clean-exit') return;
    this.log(`The renderer process exited (${reason}).`);
    const isFirst = Date.now() - this.crashedAt > CRASH_LOOP_MS;
    this.crashedAt = Date.now();
    this.loaded = false;
    if (isFirst) this.window?.webContents.reload();
  }
}

function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? background.dark : background.light;
}
