import { useState } from 'react';

/** Sort key of a column. Rows without one (null) come last in either order. */
export type SortKey<Row> = (row: Row) => string | number | null;

export interface Sorting<Row> {
  rows: Row[];
  column: string;
  descending: boolean;
  /** Sorts by a column, or reverses the order of the current one. */
  sortBy: (column: string) => void;
}

/** Sort order of a table. Numbers start in descending order, text in ascending order. */
export function useSorting<Row>(
  all: readonly Row[],
  keys: Readonly<Record<string, SortKey<Row>>>,
  first: string,
): Sorting<Row> {
  const [{ column, descending }, setOrder] = useState({ column: first, descending: true });
  const key = keys[column];
  const rows = key ? all.toSorted((one, other) => compare(key(one), key(other), descending)) : [];
  const sortBy = (next: string) => {
    const sample = all.map((row) => keys[next]?.(row)).find((value) => value !== null);
    setOrder({
      column: next,
      descending: next === column ? !descending : typeof sample === 'number',
    });
  };
  return { rows: key ? rows : [...all], column, descending, sortBy };
}

function compare(
  one: string | number | null,
  other: string | number | null,
  descending: boolean,
): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  const order =
    typeof one === 'number' && typeof other === 'number'
      ? one - other
      : String(one).localeCompare(String(other));
  return descending ? -order : order;
}
