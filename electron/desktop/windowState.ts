import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type BrowserWindow, type Rectangle, screen } from 'electron';

interface WindowState {
  bounds: Rectangle;
  maximized: boolean;
}

/** Size and place of the window as it was left; null at the first start. */
export function readWindowState(file: string): WindowState | null {
  if (!existsSync(file)) return null;
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as WindowState;
    return isOnScreen(state.bounds) ? state : null;
  } catch {
    return null;
  }
}

/** Remembers size and place whenever the window is closed or hidden. */
export function rememberWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    const state: WindowState = {
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
    };
    writeFileSync(file, JSON.stringify(state));
  });
}

/** A display may have been taken away since: the window must not open where nobody can see it. */
function isOnScreen(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width);
    const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height);
    return (
      width - Math.max(bounds.x, workArea.x) > 100 && height - Math.max(bounds.y, workArea.y) > 100
    );
  });
}
