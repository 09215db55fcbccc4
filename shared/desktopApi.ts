/**
 * The one object that the preload script gives to the page (`window.sandglass`). It hands out ports
 * and nothing else: operations run over one, each terminal over its own.
 */
export interface DesktopApi {
  readonly platform: string;
  /** Asks for the operations port; it arrives as a `sandglass:operations` window message. */
  connectOperations(): void;
  /** Asks for a terminal's port; it arrives as a `sandglass:terminal` message with this id. */
  connectTerminal(terminalId: string): void;
  /** Calls back when a tray or menu item asks the window to show something; returns an unsubscribe. */
  onNavigate(listener: (target: NavigationTarget) => void): () => void;
}

/** Where the tray, a menu or a notification may send the window. */
export type NavigationTarget =
  | { page: 'snapshots' | 'sandboxes' | 'activity' | 'settings' }
  | { page: 'sandbox'; sandboxId: string; openTerminal: boolean }
  | { page: 'capture'; sandboxId: string }
  | { page: 'new-sandbox' };

/** Window messages that carry a port from the preload to the page. */
export const OPERATIONS_PORT_MESSAGE = 'sandglass:operations';
export const TERMINAL_PORT_MESSAGE = 'sandglass:terminal';
