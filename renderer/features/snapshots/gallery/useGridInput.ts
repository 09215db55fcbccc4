import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
} from 'react';
import { useEngine } from '../../../stores/engine';
import { openDialog, selectSnapshot, useRoute } from '../../../stores/route';
import { toastError } from '../../../ui/toastError';
import { bootNow } from '../../common/bootNow';
import { toggleFavourite } from '../FavouriteButton';
import {
  clearSelection,
  selectAll,
  selectRange,
  setActive,
  toggleSelected,
  useGallery,
} from './galleryStore';
import { type GridLayout, type Move, moveFrom } from './gridLayout';

const moves: Record<string, Move> = {
  ...{ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' },
  ...{ Home: 'first', End: 'last', PageUp: 'page-up', PageDown: 'page-down' },
};

interface GridInput {
  scroller: RefObject<HTMLDivElement | null>;
  layout: GridLayout;
  /** Index of the active card in reading order. */
  activeAt: number;
  /** Pixels. */
  rowHeight: number;
  scrollToRow: (row: number) => void;
}

/** The focused card and its index. */
interface HeldFocus {
  card: HTMLElement;
  name: string;
  at: number;
}

/**
 * Handles keys and clicks of the grid: arrow keys move, Enter opens, B boots, F stars, Space selects,
 * Delete deletes. Shift and Ctrl extend the selection by key and by mouse.
 */
export function useGridInput({ scroller, layout, activeAt, rowHeight, scrollToRow }: GridInput) {
  const focusWanted = useRef<string | null>(null);
  const held = useRef<HeldFocus | null>(null);
  // A card outside the viewport is mounted only after scrolling to it.
  useLayoutEffect(() => {
    const name = focusWanted.current;
    if (name === null) return;
    const card = scroller.current?.querySelector<HTMLElement>(`[data-name="${CSS.escape(name)}"]`);
    if (!card) return;
    card.focus({ preventScroll: true });
    focusWanted.current = null;
  });
  // Focus follows a card that was moved by sorting, and passes to the next card on deletion.
  useLayoutEffect(() => {
    if (!held.current || held.current.card.isConnected) return;
    const { name, at } = held.current;
    held.current = null;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const now = layout.cards.findIndex((group) => group.name === name);
    go(now < 0 ? Math.min(at, layout.cards.length - 1) : now, false);
  });

  const names = () => layout.cards.map(({ name }) => name);
  const go = (to: number, extend: boolean) => {
    const name = layout.cards[to]?.name;
    if (name === undefined) return;
    focusWanted.current = name;
    if (extend) selectRange(names(), name);
    else setActive(name);
    scrollToRow(layout.rowOf[to] ?? 0);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const withControl = event.ctrlKey || event.metaKey;
    if (event.altKey || target.closest('[role="dialog"]')) return;
    const handled = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    const move = moves[event.key];
    if (move && !withControl) {
      handled();
      const rowsOnPage = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight);
      go(moveFrom(layout, activeAt, move, rowsOnPage), event.shiftKey);
      return;
    }
    if (withControl && event.key.toLowerCase() === 'a') {
      handled();
      selectAll(names());
      return;
    }
    if (event.key === 'Escape') {
      handled();
      if (useGallery.getState().selected.size > 0) clearSelection();
      else selectSnapshot(null);
      return;
    }
    // Buttons on a card handle Enter and Space themselves.
    const onCard = target.matches('article');
    const group = layout.cards[activeAt];
    if (!group || withControl) return;
    switch (event.key) {
      case 'Enter':
        if (!onCard) return;
        selectSnapshot(group.head.id);
        break;
      case ' ':
        if (!onCard) return;
        toggleSelected(group.name);
        break;
      case 'Delete':
      case 'Backspace':
        askToDelete(layout, group.name);
        break;
      case 'b':
        if (useEngine.getState().status?.state !== 'ready' || group.head.status !== 'ready') return;
        void bootNow(group.head);
        break;
      case 'f':
        void toastError(toggleFavourite(group.versions));
        break;
      default:
        return;
    }
    handled();
  };

  const onClickCapture = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const name = target.closest<HTMLElement>('article[data-name]')?.dataset.name;
    if (name === undefined) return;
    const group = layout.cards.find((card) => card.name === name);
    const onSelectBox = target.closest('.select-box') !== null;
    if (event.shiftKey) selectRange(names(), name);
    else if ((event.ctrlKey || event.metaKey) && !onSelectBox) toggleSelected(name);
    else {
      setActive(name);
      const opens = target.closest('.card-picture, .snapshot-line-name');
      if (group && (opens || !target.closest('button, label, a'))) selectSnapshot(group.head.id);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  // The focused card becomes the tab stop.
  const onFocus = (event: { target: EventTarget }) => {
    const card = (event.target as HTMLElement).closest<HTMLElement>('article[data-name]');
    const name = card?.dataset.name;
    if (!card || name === undefined) return;
    held.current = { card, name, at: layout.cards.findIndex((group) => group.name === name) };
    if (name !== useGallery.getState().active) setActive(name);
  };

  return { onKeyDown, onClickCapture, onFocus };
}

/** Opens the delete dialog for the selected, unfiltered cards, or for the focused one. */
function askToDelete(layout: GridLayout, name: string): void {
  const { selected } = useGallery.getState();
  const chosen = selected.has(name)
    ? layout.cards.filter((card) => selected.has(card.name))
    : layout.cards.filter((card) => card.name === name);
  openDialog({
    kind: 'delete-snapshots',
    snapshotIds: chosen.flatMap(({ versions }) => versions.map(({ id }) => id)),
  });
}

/** Focuses the active card of the grid. */
export function focusGrid(): void {
  document.querySelector<HTMLElement>('[role="feed"] article[tabindex="0"]')?.focus();
}

/** Whether gallery shortcuts apply: no dialog is open and no form field has the focus. */
export function acceptsGalleryShortcuts(target: EventTarget | null): boolean {
  const { dialog, paletteOpen } = useRoute.getState();
  if (dialog !== null || paletteOpen) return false;
  return !(target instanceof Element && target.closest('input, textarea, select, [role="dialog"]'));
}
