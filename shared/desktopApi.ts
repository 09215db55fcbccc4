import type { ErrorInfo } from './errors';

/**
 * API that the preload script exposes to the page as `window.sandglass`. It hands out ports (one
 * for operations, one per terminal) and provides desktop features.
 */
export interface DesktopApi {
  readonly platform: string;
  /** Requests the operations port, which arrives as a `sandglass:operations` window message. */
  connectOperations(): void;
  /** Requests a terminal's port, which arrives as a `sandglass:terminal` message with this id. */
  connectTerminal(terminalId: string): void;
  /** Shows a file dialog; null if cancelled. `name` is the suggested file name for saving. */
  pickPath(kind: PathKind, name?: string): Promise<string | null>;
  /** Path of a file dropped on the page. */
  pathOfFile(file: object): string;
  /** Copies a file or folder out of a snapshot for dragging. Resolves with an error, or null. */
  prepareDrag(snapshotId: string, path: string): Promise<ErrorInfo | null>;
  /** Starts dragging the prepared item while the mouse button is held. */
  startDrag(snapshotId: string, path: string): void;
  /** Opens a port of a sandbox in the browser, published or not. */
  openPort(sandbox: string, containerPort: number): Promise<void>;
  /** Opens the documentation page of the local API in the browser. */
  openApiPage(): Promise<void>;
  /**
   * Subscribes to navigation requests from the tray and menus. Returns a function that
   * unsubscribes.
   */
  onNavigate(listener: (target: NavigationTarget) => void): () => void;
}

export const pathKinds = ['file', 'folder', 'save'] as const;
export type PathKind = (typeof pathKinds)[number];

export const PICK_PATH_CALL = 'sandglass:pick-path';
export const PREPARE_DRAG_CALL = 'sandglass:prepare-drag';
export const START_DRAG_MESSAGE = 'sandglass:start-drag';
export const OPEN_PORT_CALL = 'sandglass:open-port';
export const OPEN_API_PAGE_CALL = 'sandglass:open-api-page';

/** Navigation target for the tray, menus and notifications. */
export type NavigationTarget =
  | { page: 'snapshots' | 'sandboxes' | 'activity' | 'disk' | 'settings' }
  | { page: 'sandbox'; sandboxId: string; openTerminal: boolean }
  | { page: 'capture'; sandboxId: string }
  | { page: 'new-sandbox' };

/** Window messages that transfer a port from the preload script to the page. */
export const OPERATIONS_PORT_MESSAGE = 'sandglass:operations';
export const TERMINAL_PORT_MESSAGE = 'sandglass:terminal';
