import type { KeyboardEvent } from 'react';
import type { DifferenceRow } from '#shared/contract/contents';

interface TreeKeys {
  active: number;
  total: number;
  row: (index: number) => DifferenceRow | null;
  /** Number of rows per page. */
  pageRows: number;
  goTo: (index: number) => void;
  toggle: (row: DifferenceRow) => void;
  open: (row: DifferenceRow) => void;
  close: () => boolean;
}

/** Handles the keys of the ARIA tree view pattern, with Escape to close the details. */
export function handleTreeKey(event: KeyboardEvent, keys: TreeKeys): void {
  const { active, total, pageRows, goTo } = keys;
  const row = keys.row(active);
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    Home: 0,
    End: total - 1,
    PageDown: active + pageRows,
    PageUp: active - pageRows,
  };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const move = moves[event.key];
  if (move !== undefined) goTo(Math.max(0, Math.min(total - 1, move)));
  else if (event.key === 'Escape') {
    if (!keys.close()) return;
  } else if (!row) return;
  else if (event.key === 'Enter' || event.key === ' ') {
    if (row.isOpen === null) keys.open(row);
    else keys.toggle(row);
  } else if (event.key === 'ArrowRight') {
    if (row.isOpen === false) keys.toggle(row);
    else if (row.isOpen) goTo(active + 1);
  } else if (event.key === 'ArrowLeft') {
    if (row.isOpen) keys.toggle(row);
    else if (row.parentIndex !== null) goTo(row.parentIndex);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
