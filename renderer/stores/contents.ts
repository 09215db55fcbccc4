import { create } from 'zustand';
import type { ContentsStatus } from '#shared/contract/contents';

interface ContentsState {
  /** Progress of indexing; null until it is known. */
  status: ContentsStatus | null;
  /** Number of contents state changes by snapshot id. Views of a snapshot refetch when it changes. */
  revisions: ReadonlyMap<string, number>;
}

export const useContents = create<ContentsState>(() => ({ status: null, revisions: new Map() }));

/** @param snapshotIds snapshots whose contents changed state */
export function setContents(status: ContentsStatus, snapshotIds: readonly string[]): void {
  useContents.setState(({ revisions }) => {
    if (snapshotIds.length === 0) return { status };
    const next = new Map(revisions);
    for (const id of snapshotIds) next.set(id, (next.get(id) ?? 0) + 1);
    return { status, revisions: next };
  });
}

/** Revision of a snapshot's contents, incremented when indexing succeeds or fails. */
export function useContentsRevision(snapshotId: string): number {
  return useContents(({ revisions }) => revisions.get(snapshotId) ?? 0);
}
