import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme } from 'electron';
import type { NavigationTarget } from '#shared/desktopApi';
import { navigate } from '../bridge/navigation';
import { pageUrl } from '../bridge/pageOrigin';
import type { Log } from '../log';
import { readWindowState, rememberWindowState } from './windowState';

/** The page's own background colours (renderer/ui/tokens.css), to open without a white flash. */
const background = { dark: '#16150f', light: '#faf9f6' } as const;

/** A page that crashes again within this time is left alone. Milliseconds. */
const CRASH_PAUSE_MS = 10_000;

/** The app's one window: made when first shown, hidden to the tray or closed in between. */
export class MainWindow {
  private window: BrowserWindow | null = null;
  /** Where to send a page that is still loading. */
  private waitingTarget: NavigationTarget | null = null;
  private loaded = false;
  private crashedAt = 0;

  /**
   * @param stateFile where size and place are remembered
   * @param staysInTray asked when the window is closed: hide it, or let it go?
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

  /** Brings the window to the front, and to a page if one is named. */
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
    // Maximizing shows a window: not before there is something to see.
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

  /** Nothing is lost with the page: it is loaded again, and finds its terminals where they were. */
  private onCrash(reason: string): void {
    if (reason === 'clean-exit') return;
    this.log(`The page's process has gone (${reason}).`);
    const isFirst = Date.now() - this.crashedAt > CRASH_PAUSE_MS;
    this.crashedAt = Date.now();
    this.loaded = false;
    if (isFirst) this.window?.webContents.reload();
  }
}

function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? background.dark : background.light;
}
