import { useEffect } from 'react';
import { setPalette, useRoute } from '../../stores/route';
import { searchInside } from '../../stores/search';

const isMac = window.sandglass.platform === 'darwin';

/**
 * Ctrl+K (Cmd+K on macOS) opens and closes the palette, Ctrl+Shift+F goes to the search inside snapshots,
 * from anywhere but a terminal.
 */
export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const modifier = isMac ? event.metaKey : event.ctrlKey;
      if (!modifier || event.altKey || event.defaultPrevented) return;
      const key = event.key.toLowerCase();
      const inTerminal = event.target instanceof Element && event.target.closest('.terminal');
      // A terminal has a search of its own.
      if (key === 'f' && event.shiftKey && !inTerminal) {
        event.preventDefault();
        searchInside();
      }
      if (key !== 'k') return;
      // A shell uses Ctrl+K itself; macOS keeps Cmd apart from it.
      if (inTerminal && !isMac && !event.shiftKey) return;
      event.preventDefault();
      setPalette(!useRoute.getState().paletteOpen);
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, []);
}
