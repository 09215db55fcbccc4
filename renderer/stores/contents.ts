import { create } from 'zustand';
import type { ContentsStatus } from '#shared/contract/contents';

interface ContentsState {
  /** How far the looking into snapshots is; null until it was told. */
  status: ContentsStatus | null;
  /** Counts, by snapshot, how often its contents changed state: whoever shows them asks again. */
  revisions: ReadonlyMap<string, number>;
}

export const useContents = create<ContentsState>(() => ({ status: null, revisions: new Map() }));

export function setContents(status: ContentsStatus, snapshotId: string | null): void {
  useContents.setState(({ revisions }) => ({
    status,
    revisions:
      snapshotId === null
        ? revisions
        : new Map(revisions).set(snapshotId, (revisions.get(snapshotId) ?? 0) + 1),
  }));
}

/** Changes when a snapshot's contents have become known, or can't be. */
export function useContentsRevision(snapshotId: string): number {
  return useContents(({ revisions }) => revisions.get(snapshotId) ?? 0);
}
