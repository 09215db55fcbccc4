import { useEffect, useMemo, useRef, useState } from 'react';
import type { DifferenceRow } from '#shared/contract/contents';
import type { OperationInputs } from '#shared/contract/index';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';

type Query = Omit<OperationInputs['contents']['compareTree'], 'limit' | 'offset'>;
type Answer = Awaited<ReturnType<typeof operations.contents.compareTree>>;

const PAGE_SIZE = 200;
/** Distance in pages from the visible rows up to which loaded pages are kept. */
const MAX_PAGES_AROUND = 20;

interface Loaded extends Omit<Answer, 'rows'> {
  key: string;
  pages: ReadonlyMap<number, DifferenceRow[]>;
}

export interface DifferenceRows {
  /** Totals; null until the first page is loaded. */
  summary: Omit<Loaded, 'key' | 'pages'> | null;
  /** Returns a row; null while it is loading. */
  row: (index: number) => DifferenceRow | null;
  error: SandglassError | null;
  /** Whether the rows belong to the previous query. */
  isStale: boolean;
}

/** Rows of a comparison. Only visible pages are fetched, again on each change of `revision`. */
export function useDifferenceRows(
  query: Query,
  revision: string,
  visible: { first: number; last: number },
): DifferenceRows {
  const text = JSON.stringify(query);
  const key = `${revision} ${text}`;
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState<{ key: string; error: SandglassError } | null>(null);
  const latest = useRef(key);
  const inFlight = useRef(new Set<string>());
  latest.current = key;
  const firstPage = Math.floor(visible.first / PAGE_SIZE);
  const lastPage = Math.floor(Math.max(visible.first, visible.last) / PAGE_SIZE);

  useEffect(() => {
    const known = loaded?.key === key ? loaded.pages : null;
    const fetchPage = async (page: number) => {
      const requestKey = `${page} ${key}`;
      if (known?.has(page) || inFlight.current.has(requestKey)) return;
      inFlight.current.add(requestKey);
      try {
        const input = {
          ...(JSON.parse(text) as Query),
          limit: PAGE_SIZE,
          offset: page * PAGE_SIZE,
        };
        const { rows, ...sums } = await operations.contents.compareTree(input);
        if (latest.current !== key) return;
        setFailure(null);
        setLoaded((before) => {
          const kept = before?.key === key ? [...before.pages] : [];
          const near = kept.filter(([other]) => Math.abs(other - page) <= MAX_PAGES_AROUND);
          return { key, ...sums, pages: new Map([...near, [page, rows]]) };
        });
      } catch (thrown) {
        if (latest.current === key) setFailure({ key, error: toSandglassError(thrown) });
      } finally {
        inFlight.current.delete(requestKey);
      }
    };
    for (let page = firstPage; page <= lastPage; page += 1) void fetchPage(page);
  }, [key, text, firstPage, lastPage, loaded]);

  return useMemo(
    () => ({
      summary: loaded,
      row: (index) => loaded?.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE] ?? null,
      error: failure?.key === key ? failure.error : null,
      isStale: loaded !== null && loaded.key !== key,
    }),
    [loaded, failure, key],
  );
}
