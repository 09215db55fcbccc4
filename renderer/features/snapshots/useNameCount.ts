import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';

/** How many names there are: versions of one are one card. */
export function useNameCount(snapshots: readonly Snapshot[]): number {
  return useMemo(() => new Set(snapshots.map(({ name }) => name)).size, [snapshots]);
}
