import { useEffect, useState } from 'react';
import type { SearchHit } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../api/operations';
import { useContents } from '../../stores/contents';

/** Shorter ones would find nearly everything. */
export const MIN_QUERY_LENGTH = 2;
const MAX_QUERY_LENGTH = 255;
/** A word is typed faster than this per letter. Milliseconds. */
const DEBOUNCE_MS = 150;

export interface InsideAnswer {
  /** What it answers. */
  query: string;
  hits: SearchHit[];
  total: number;
  error: SandglassError | null;
}

/** As the engine takes it; null while it is too short. */
export function usableQuery(typed: string): string | null {
  const query = typed.trim().slice(0, MAX_QUERY_LENGTH);
  return query.length < MIN_QUERY_LENGTH ? null : query;
}

/**
 * Asks for the snapshots that have something, when the typing rests, and again as more of them are read.
 * Until the new answer is there, the last one stays. Null before the first.
 */
export function useInsideSearch(query: string | null, limit: number): InsideAnswer | null {
  const [answer, setAnswer] = useState<InsideAnswer | null>(null);
  const known = useContents(({ status }) => status?.ready ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has been read since may have it too
  useEffect(() => {
    if (query === null) return;
    const asking = new AbortController();
    const { signal } = asking;
    const ask = async () => {
      try {
        const { hits, total } = await operations.contents.search({ query, limit }, { signal });
        if (!signal.aborted) setAnswer({ query, hits, total, error: null });
      } catch (thrown) {
        if (signal.aborted) return;
        setAnswer({ query, hits: [], total: 0, error: toSandglassError(thrown) });
      }
    };
    const timer = setTimeout(() => void ask(), DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [query, limit, known]);
  return query === null ? null : answer;
}
