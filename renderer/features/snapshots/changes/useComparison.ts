import { useEffect, useState } from 'react';
import type { DifferenceCounts, PackageDifference } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../api/operations';

/** Counts and sizes of the differences between two snapshots, and their packages. */
export interface ComparisonSummary {
  counts: DifferenceCounts;
  addedBytes: number;
  removedBytes: number;
  packages: readonly PackageDifference[];
}

interface Answer {
  key: string;
  summary: ComparisonSummary | null;
  error: SandglassError | null;
}

/** Compares two snapshots, again on each change of `revision`. Null until the answer arrives. */
export function useComparison(fromId: string, toId: string, revision: string): Answer | null {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const key = `${fromId} ${toId} ${revision}`;
  useEffect(() => {
    let isCurrent = true;
    const ids = { fromId, toId };
    Promise.all([
      operations.contents.compare({ ...ids, limit: 1 }),
      operations.contents.comparePackages(ids),
    ]).then(
      ([{ counts, addedBytes, removedBytes }, { differences }]) => {
        const summary = { counts, addedBytes, removedBytes, packages: differences };
        if (isCurrent) setAnswer({ key, summary, error: null });
      },
      (thrown) => {
        if (isCurrent) setAnswer({ key, summary: null, error: toSandglassError(thrown) });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [fromId, toId, key]);
  return answer?.key === key ? answer : null;
}
