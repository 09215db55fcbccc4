import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type GallerySort, sorts } from './arrange';
import { type GalleryFilter, noFilter } from './filter';

interface GalleryState {
  filter: GalleryFilter;
  sort: GallerySort;
  layout: 'cards' | 'list';
  /** Families as sections of their own. */
  byLineage: boolean;
  /** The names that are selected, to do something with all of them. */
  selected: ReadonlySet<string>;
  /** The one card that the Tab key reaches, by name; null for the first. */
  active: string | null;
  /** Where a range that Shift selects begins. */
  anchor: string | null;
}

/** How the gallery is looked at. Sort and layout are kept for the next start; the rest is of the moment. */
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
      // A newer or older Sandglass may know other ones.
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

/** Selects a card or takes it out again; ranges begin there. */
export function toggleSelected(name: string): void {
  useGallery.setState(({ selected }) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    return { selected: next, active: name, anchor: name };
  });
}

/** Adds all from the last one that was selected to this one. `order`: all names, as they are shown. */
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
