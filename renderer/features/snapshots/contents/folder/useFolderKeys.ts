import { type KeyboardEvent, useRef } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';

/** Milliseconds within which typed letters form one type-ahead prefix. */
const TYPE_AHEAD_TIMEOUT_MS = 800;

interface FolderKeys {
  entries: ContentsEntry[];
  /** Index of the active row; -1 for none. */
  active: number;
  pageRows: () => number;
  onSelect: (name: string) => void;
  onOpen: (entry: ContentsEntry) => void;
  onUp: () => void;
  onPath: () => void;
}

/** Handles the keys of a folder: movement, opening, going up, and type-ahead. */
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
    // Repeating one letter cycles through the names that start with it.
    const prefix = /^(.)\1+$/u.test(text) ? text.slice(0, 1) : text;
    const from = prefix.length === 1 ? active + 1 : Math.max(0, active);
    const ordered = [...entries.slice(from), ...entries.slice(0, from)];
    const found = ordered.find(({ name }) => name.toLowerCase().startsWith(prefix));
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
    // Column headings handle Enter and Space themselves.
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
