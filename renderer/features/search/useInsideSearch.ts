import { useEffect, useState } from 'react';
import type { SearchHit } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../api/operations';
import { useContents } from '../../stores/contents';

/** Minimum length of a query in characters. Shorter ones match nearly every path. */
export const MIN_QUERY_LENGTH = 2;
const MAX_QUERY_LENGTH = 255;
/** Milliseconds without typing before the query is sent. */
const DEBOUNCE_MS = 150;

export interface InsideAnswer {
  /** The query that the hits belong to. */
  query: string;
  hits: SearchHit[];
  total: number;
  error: SandglassError | null;
}

/** Query accepted by the operation; null if the typed text is too short. */
export function usableQuery(typed: string): string | null {
  const query = typed.trim().slice(0, MAX_QUERY_LENGTH);
  return query.length < MIN_QUERY_LENGTH ? null : query;
}

/**
 * Searches inside snapshots once typing pauses, and again as more snapshots are indexed. Returns the
 * previous answer until the next one arrives; null before the first.
 */
export function useInsideSearch(query: string | null, limit: number): InsideAnswer | null {
  const [answer, setAnswer] = useState<InsideAnswer | null>(null);
  const indexedCount = useContents(({ status }) => status?.ready ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: newly indexed snapshots may match
  useEffect(() => {
    if (query === null) return;
    const abort = new AbortController();
    const { signal } = abort;
    const search = async () => {
      try {
        const { hits, total } = await operations.contents.search({ query, limit }, { signal });
        if (!signal.aborted) setAnswer({ query, hits, total, error: null });
      } catch (thrown) {
        if (signal.aborted) return;
        setAnswer({ query, hits: [], total: 0, error: toSandglassError(thrown) });
      }
    };
    const timer = setTimeout(() => void search(), DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, limit, indexedCount]);
  return query === null ? null : answer;
}
