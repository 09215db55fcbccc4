import type { Terminal } from '@xterm/xterm';

const isMac = window.sandglass.platform === 'darwin';

/**
 * Copy and paste as terminals of the platform do it: Cmd+C and Cmd+V on macOS (the browser's own),
 * Ctrl+Shift+C and Ctrl+Shift+V elsewhere, where Ctrl+C belongs to the shell.
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
    // Chromium pastes at Ctrl+Shift+V by itself: the shell must only not see the key.
    return event.code !== 'KeyV';
  });
}
