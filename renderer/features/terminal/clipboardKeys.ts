import type { Terminal } from '@xterm/xterm';

const isMac = window.sandglass.platform === 'darwin';

/**
 * Binds the platform's clipboard keys: Cmd+C and Cmd+V on macOS (handled by the browser), and
 * Ctrl+Shift+C and Ctrl+Shift+V elsewhere, where Ctrl+C sends SIGINT.
 */
export function handleClipboardKeys(xterm: Terminal): void {
  if (isMac) return;
  xterm.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey) return true;
    if (event.code === 'KeyC') {
      event.preventDefault();
      if (xterm.hasSelection()) void navigator.clipboard.writeText(xterm.getSelection());
      return false;
    }
    // Chromium pastes on Ctrl+Shift+V; the key must only be kept from the shell.
    return event.code !== 'KeyV';
  });
}
