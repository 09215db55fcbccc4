import { type KeyboardEvent, useRef } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';

/** Letters that follow one another within this time are one beginning of a name. Milliseconds. */
const TYPE_AHEAD_TIMEOUT_MS = 800;

interface FolderKeys {
  entries: ContentsEntry[];
  /** The index of the active row; -1 for none. */
  active: number;
  pageRows: () => number;
  onSelect: (name: string) => void;
  onOpen: (entry: ContentsEntry) => void;
  onUp: () => void;
  onPath: () => void;
}

/** Arrows, Home, End and pages move; Enter and right go in, Backspace and left go up; letters find. */
export function useFolderKeys(keys: FolderKeys) {
  const { entries, active, pageRows, onSelect, onOpen, onUp, onPath } = keys;
  const typed = useRef({ text: '', at: 0 });

  const moveTo = (index: number) => {
    const entry = entries[Math.max(0, Math.min(index, entries.length - 1))];
    if (entry) onSelect(entry.name);
  };
  const find = (letter: string) => {
    const isMore = performance.now() - typed.current.at < TYPE_AHEAD_TIMEOUT_MS;
    const text = (isMore ? typed.current.text : '') + letter.toLowerCase();
    typed.current = { text, at: performance.now() };
    // One letter again and again goes through all that begin with it.
    const wanted = /^(.)\1+$/u.test(text) ? text.slice(0, 1) : text;
    const from = wanted.length === 1 ? active + 1 : Math.max(0, active);
    const ordered = [...entries.slice(from), ...entries.slice(0, from)];
    const found = ordered.find(({ name }) => name.toLowerCase().startsWith(wanted));
    if (found) onSelect(found.name);
  };

  return (event: KeyboardEvent) => {
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'l') {
      event.preventDefault();
      onPath();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The buttons of the columns are pressed by their own keys.
    if (event.target instanceof HTMLButtonElement && (key === 'Enter' || key === ' ')) return;
    const entry = entries[active];
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active < 0 ? entries.length - 1 : active - 1),
      PageDown: () => moveTo(active + pageRows()),
      PageUp: () => moveTo(active - pageRows()),
      Home: () => moveTo(0),
      End: () => moveTo(entries.length - 1),
      Enter: () => entry && onOpen(entry),
      ArrowRight: () => entry?.kind === 'directory' && onOpen(entry),
      ArrowLeft: onUp,
      Backspace: onUp,
      '/': onPath,
    };
    const move = moves[key] ?? (key.length === 1 && key !== ' ' ? () => find(key) : null);
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };
}
