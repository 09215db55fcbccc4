import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type BrowserWindow, type Rectangle, screen } from 'electron';
import { z } from 'zod';

const lengthSchema = z.number().int();
const windowStateSchema = z.object({
  bounds: z.object({ x: lengthSchema, y: lengthSchema, width: lengthSchema, height: lengthSchema }),
  maximized: z.boolean(),
});
type WindowState = z.infer<typeof windowStateSchema>;

/** Saved size and position of the window; null at the first start or if it would be off screen. */
export function readWindowState(file: string): WindowState | null {
  if (!existsSync(file)) return null;
  try {
    const state = windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isOnScreen(state.bounds) ? state : null;
  } catch {
    return null;
  }
}

/** Saves size and position when the window is closed or hidden. */
export function rememberWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    // A hidden window does not report whether it is maximized; the file already has its state.
    if (!window.isVisible()) return;
    const state: WindowState = {
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
    };
    writeFileSync(file, JSON.stringify(state));
  });
}

/** Whether at least 100 × 100 pixels are visible, as a display may have been disconnected. */
function isOnScreen(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width);
    const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height);
    return (
      width - Math.max(bounds.x, workArea.x) > 100 && height - Math.max(bounds.y, workArea.y) > 100
    );
  });
}
