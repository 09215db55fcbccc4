import type { ErrorInfo } from './errors';

/**
 * The one object that the preload script gives to the page (`window.sandglass`). It hands out ports
 * (operations run over one, each terminal over its own) and asks for what only a desktop can do.
 */
export interface DesktopApi {
  readonly platform: string;
  /** Asks for the operations port; it arrives as a `sandglass:operations` window message. */
  connectOperations(): void;
  /** Asks for a terminal's port; it arrives as a `sandglass:terminal` message with this id. */
  connectTerminal(terminalId: string): void;
  /** Lets the user choose a path of this computer; null when they cancel. `name` is proposed to save. */
  pickPath(kind: PathKind, name?: string): Promise<string | null>;
  /** The path of a file that was dropped on the page. */
  pathOfFile(file: object): string;
  /** Brings a file or folder of a snapshot out, to be dragged; resolves with why it can't be. */
  prepareDrag(snapshotId: string, path: string): Promise<ErrorInfo | null>;
  /** Drags what was prepared, while the button is held. */
  startDrag(snapshotId: string, path: string): void;
  /** Opens a port of a sandbox in the browser, published or not. */
  openPort(sandbox: string, containerPort: number): Promise<void>;
  /** Opens the local API's own page in the browser, while it is served. */
  openApiPage(): Promise<void>;
  /** Calls back when a tray or menu item asks the window to show something; returns an unsubscribe. */
  onNavigate(listener: (target: NavigationTarget) => void): () => void;
}

export const pathKinds = ['file', 'folder', 'save'] as const;
export type PathKind = (typeof pathKinds)[number];

export const PICK_PATH_CALL = 'sandglass:pick-path';
export const PREPARE_DRAG_CALL = 'sandglass:prepare-drag';
export const START_DRAG_MESSAGE = 'sandglass:start-drag';
export const OPEN_PORT_CALL = 'sandglass:open-port';
export const OPEN_API_PAGE_CALL = 'sandglass:open-api-page';

/** Where the tray, a menu or a notification may send the window. */
export type NavigationTarget =
  | { page: 'snapshots' | 'sandboxes' | 'activity' | 'disk' | 'settings' }
  | { page: 'sandbox'; sandboxId: string; openTerminal: boolean }
  | { page: 'capture'; sandboxId: string }
  | { page: 'new-sandbox' };

/** Window messages that carry a port from the preload to the page. */
export const OPERATIONS_PORT_MESSAGE = 'sandglass:operations';
export const TERMINAL_PORT_MESSAGE = 'sandglass:terminal';
