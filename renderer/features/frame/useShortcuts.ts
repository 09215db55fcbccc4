import { useEffect } from 'react';
import { setPalette, useRoute } from '../../stores/route';

const isMac = window.sandglass.platform === 'darwin';

/** Ctrl+K, or Cmd+K on macOS, opens and closes the palette from anywhere but a terminal. */
export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const modifier = isMac ? event.metaKey : event.ctrlKey;
      if (!modifier || event.key.toLowerCase() !== 'k' || event.defaultPrevented) return;
      // A shell uses Ctrl+K itself; macOS keeps Cmd apart from it.
      const inTerminal = event.target instanceof Element && event.target.closest('.terminal');
      if (inTerminal && !isMac && !event.shiftKey) return;
      event.preventDefault();
      setPalette(!useRoute.getState().paletteOpen);
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, []);
}
