import { useEffect } from 'react';
import { setPalette, useRoute } from '../../stores/route';
import { searchInside } from '../../stores/search';

const isMac = window.sandglass.platform === 'darwin';

/**
 * Handles Ctrl+K (Cmd+K on macOS), which toggles the command palette, and Ctrl+Shift+F, which opens
 * the search inside snapshots. Both are left to a focused terminal.
 */
export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const modifier = isMac ? event.metaKey : event.ctrlKey;
      if (!modifier || event.altKey || event.defaultPrevented) return;
      const key = event.key.toLowerCase();
      const inTerminal = event.target instanceof Element && event.target.closest('.terminal');
      // Terminals have their own search.
      if (key === 'f' && event.shiftKey && !inTerminal) {
        event.preventDefault();
        searchInside();
      }
      if (key !== 'k') return;
      // Shells bind Ctrl+K; Cmd+K is free on macOS.
      if (inTerminal && !isMac && !event.shiftKey) return;
      event.preventDefault();
      setPalette(!useRoute.getState().paletteOpen);
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, []);
}
