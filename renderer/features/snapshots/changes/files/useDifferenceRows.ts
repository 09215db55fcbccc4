import { useEffect, useMemo, useRef, useState } from 'react';
import type { DifferenceRow } from '#shared/contract/contents';
import type { OperationInputs } from '#shared/contract/index';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';

type Query = Omit<OperationInputs['contents']['compareTree'], 'limit' | 'offset'>;
type Answer = Awaited<ReturnType<typeof operations.contents.compareTree>>;

const PAGE = 200;
/** Pages that are kept, around those in sight. */
const KEPT_AROUND = 20;

interface Loaded extends Omit<Answer, 'rows'> {
  key: string;
  pages: ReadonlyMap<number, DifferenceRow[]>;
}

export interface DifferenceRows {
  /** Null until it is known. */
  summary: Omit<Loaded, 'key' | 'pages'> | null;
  /** Null while it is on its way. */
  row: (index: number) => DifferenceRow | null;
  error: SandglassError | null;
  /** The rows shown are those of the question before. */
  isStale: boolean;
}

/** Rows of a comparison, of which those in sight are fetched. A change of `revision` asks anew. */
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
  const asked = useRef(new Set<string>());
  latest.current = key;
  const firstPage = Math.floor(visible.first / PAGE);
  const lastPage = Math.floor(Math.max(visible.first, visible.last) / PAGE);

  useEffect(() => {
    const known = loaded?.key === key ? loaded.pages : null;
    const fetchPage = async (page: number) => {
      const mark = `${page} ${key}`;
      if (known?.has(page) || asked.current.has(mark)) return;
      asked.current.add(mark);
      try {
        const input = { ...(JSON.parse(text) as Query), limit: PAGE, offset: page * PAGE };
        const { rows, ...sums } = await operations.contents.compareTree(input);
        if (latest.current !== key) return;
        setFailure(null);
        setLoaded((before) => {
          const kept = before?.key === key ? [...before.pages] : [];
          const near = kept.filter(([other]) => Math.abs(other - page) <= KEPT_AROUND);
          return { key, ...sums, pages: new Map([...near, [page, rows]]) };
        });
      } catch (thrown) {
        if (latest.current === key) setFailure({ key, error: toSandglassError(thrown) });
      } finally {
        asked.current.delete(mark);
      }
    };
    for (let page = firstPage; page <= lastPage; page += 1) void fetchPage(page);
  }, [key, text, firstPage, lastPage, loaded]);

  return useMemo(
    () => ({
      summary: loaded,
      row: (index) => loaded?.pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null,
      error: failure?.key === key ? failure.error : null,
      isStale: loaded !== null && loaded.key !== key,
    }),
    [loaded, failure, key],
  );
}
