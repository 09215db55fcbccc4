import { create } from 'zustand';
import type { ContentsStatus } from '#shared/contract/contents';

interface ContentsState {
  /** How far the looking into snapshots is; null until it was told. */
  status: ContentsStatus | null;
  /** Counts, by snapshot, how often its contents changed state: whoever shows them asks again. */
  revisions: ReadonlyMap<string, number>;
}

export const useContents = create<ContentsState>(() => ({ status: null, revisions: new Map() }));

/** @param snapshotIds those whose contents changed state meanwhile */
export function setContents(status: ContentsStatus, snapshotIds: readonly string[]): void {
  useContents.setState(({ revisions }) => {
    if (snapshotIds.length === 0) return { status };
    const next = new Map(revisions);
    for (const id of snapshotIds) next.set(id, (next.get(id) ?? 0) + 1);
    return { status, revisions: next };
  });
}

/** Changes when a snapshot's contents have become known, or can't be. */
export function useContentsRevision(snapshotId: string): number {
  return useContents(({ revisions }) => revisions.get(snapshotId) ?? 0);
}
