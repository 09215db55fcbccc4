import { useEffect, useState } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';

/** Entries per request: a small first page for a fast response, then larger ones. */
const FIRST_PAGE = 500;
const LATER_PAGES = 5000;

export interface FolderState {
  path: string;
  /** Entries loaded so far, out of `total`. */
  entries: ContentsEntry[];
  total: number;
  /** Error that prevented loading; `conflict` if the snapshot is not indexed yet. */
  error: SandglassError | null;
}

/** Entries of a snapshot's folder; null until loaded. Reloads when the revision changes. */
export function useFolder(snapshotId: string, path: string, revision: number): FolderState | null {
  const [state, setState] = useState<FolderState | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reloads when the revision changes
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const entries: ContentsEntry[] = [];
      for (;;) {
        const page = await operations.contents.list({
          snapshotId,
          path,
          limit: entries.length === 0 ? FIRST_PAGE : LATER_PAGES,
          offset: entries.length,
        });
        if (!isCurrent) return;
        entries.push(...page.entries);
        setState({ path, entries: [...entries], total: page.total, error: null });
        if (entries.length >= page.total || page.entries.length === 0) return;
      }
    };
    load().catch((thrown: unknown) => {
      if (!isCurrent) return;
      setState({ path, entries: [], total: 0, error: toSandglassError(thrown) });
    });
    return () => {
      isCurrent = false;
    };
  }, [snapshotId, path, revision]);
  return state?.path === path ? state : null;
}
