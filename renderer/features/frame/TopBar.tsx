import { Search } from 'lucide-react';
import { setPalette } from '../../stores/route';

const isMac = window.sandglass.platform === 'darwin';

/** Top bar with the button that opens the command palette. */
export function TopBar() {
  return (
    <header className="top-bar">
      <button type="button" className="search-button" onClick={() => setPalette(true)}>
        <Search size={14} aria-hidden />
        Search or run a command
        <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
    </header>
  );
}
