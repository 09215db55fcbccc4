import { useEffect, useState } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';

/** The first page is there at once; the rest of a very long folder follows. */
const FIRST_PAGE = 500;
const LATER_PAGES = 5000;

export interface FolderState {
  path: string;
  /** As many as have come; all of them are `total`. */
  entries: ContentsEntry[];
  total: number;
  /** Why there are none; `conflict`: the snapshot was not looked into yet. */
  error: SandglassError | null;
}

/** What is in a folder of a snapshot; null until that is known. Asks again when the revision changes. */
export function useFolder(snapshotId: string, path: string, revision: number): FolderState | null {
  const [state, setState] = useState<FolderState | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is a reason to ask again.
  useEffect(() => {
    let isWanted = true;
    const load = async () => {
      const entries: ContentsEntry[] = [];
      for (;;) {
        const page = await operations.contents.list({
          snapshotId,
          path,
          limit: entries.length === 0 ? FIRST_PAGE : LATER_PAGES,
          offset: entries.length,
        });
        if (!isWanted) return;
        entries.push(...page.entries);
        setState({ path, entries: [...entries], total: page.total, error: null });
        if (entries.length >= page.total || page.entries.length === 0) return;
      }
    };
    load().catch((thrown: unknown) => {
      if (!isWanted) return;
      setState({ path, entries: [], total: 0, error: toSandglassError(thrown) });
    });
    return () => {
      isWanted = false;
    };
  }, [snapshotId, path, revision]);
  return state?.path === path ? state : null;
}
