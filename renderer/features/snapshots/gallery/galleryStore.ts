import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type GallerySort, sorts } from './arrange';
import { type GalleryFilter, noFilter } from './filter';

interface GalleryState {
  filter: GalleryFilter;
  sort: GallerySort;
  layout: 'cards' | 'list';
  /** Whether snapshots are grouped by lineage. */
  byLineage: boolean;
  /** Names selected for bulk actions. */
  selected: ReadonlySet<string>;
  /** Name of the card that Tab reaches; null for the first. */
  active: string | null;
  /** Start of a range selected with Shift. */
  anchor: string | null;
}

/** View state of the gallery. Sort, layout and grouping are persisted. */
export const useGallery = create<GalleryState>()(
  persist(
    (): GalleryState => ({
      filter: noFilter,
      sort: 'newest',
      layout: 'cards',
      byLineage: false,
      selected: new Set(),
      active: null,
      anchor: null,
    }),
    {
      name: 'gallery',
      partialize: ({ sort, layout, byLineage }) => ({ sort, layout, byLineage }),
      // Another version of Sandglass may have stored an unknown sort order.
      merge: (kept, initial) => {
        const merged = { ...initial, ...(kept as Partial<GalleryState>) };
        return sorts.includes(merged.sort) ? merged : initial;
      },
    },
  ),
);

export function setFilter(change: Partial<GalleryFilter>): void {
  useGallery.setState(({ filter }) => ({ filter: { ...filter, ...change } }));
}

export function clearFilter(): void {
  useGallery.setState({ filter: noFilter });
}

export function setActive(name: string): void {
  useGallery.setState({ active: name });
}

/** Toggles the selection of a card, which becomes the start of ranges. */
export function toggleSelected(name: string): void {
  useGallery.setState(({ selected }) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    return { selected: next, active: name, anchor: name };
  });
}

/** Adds the range from the anchor to a card. `order`: all names in display order. */
export function selectRange(order: readonly string[], to: string): void {
  useGallery.setState(({ selected, anchor, active }) => {
    const from = anchor ?? active ?? to;
    const ends = [order.indexOf(from), order.indexOf(to)].sort((a, b) => a - b);
    const [start = -1, end = -1] = ends;
    const range = start < 0 ? [to] : order.slice(start, end + 1);
    return {
      selected: new Set([...selected, ...range]),
      active: to,
      anchor: start < 0 ? to : from,
    };
  });
}

export function selectAll(names: readonly string[]): void {
  useGallery.setState({ selected: new Set(names) });
}

export function clearSelection(): void {
  useGallery.setState({ selected: new Set(), anchor: null });
}
