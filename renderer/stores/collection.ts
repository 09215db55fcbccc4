import { create, type StoreApi, type UseBoundStore } from 'zustand';

export interface Collection<T> {
  items: T[];
  /** False until the first list has been received. */
  loaded: boolean;
}

export type CollectionStore<T> = UseBoundStore<StoreApi<Collection<T>>>;

/** Creates a store of objects, newest first. */
export function createCollection<T>(): CollectionStore<T> {
  return create<Collection<T>>(() => ({ items: [], loaded: false }));
}

/** Replaces the item with the same id, or prepends it. */
export function upsert<T extends { id: string }>(store: CollectionStore<T>, item: T): void {
  store.setState(({ items }) => {
    const index = items.findIndex(({ id }) => id === item.id);
    return { items: index < 0 ? [item, ...items] : items.with(index, item) };
  });
}

/** Applies several changes by id: null removes an item, new items are prepended. */
export function replaceAll<T extends { id: string }>(
  store: CollectionStore<T>,
  changed: ReadonlyMap<string, T | null>,
): void {
  store.setState(({ items }) => {
    const added = new Map(changed);
    const kept = items.flatMap((item) => {
      const change = changed.get(item.id);
      added.delete(item.id);
      return change === undefined ? [item] : change === null ? [] : [change];
    });
    const fresh = [...added.values()].filter((item) => item !== null).reverse();
    return { items: [...fresh, ...kept] };
  });
}

export function removeById<T extends { id: string }>(store: CollectionStore<T>, id: string): void {
  store.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}
