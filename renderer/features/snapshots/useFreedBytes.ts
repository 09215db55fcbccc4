import { useEffect, useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';

/** Milliseconds without changes to the selection before it is measured. */
const DEBOUNCE_MS = 150;

/** Bytes that deleting the snapshots together would free; null until known and without Docker. */
export function useFreedBytes(snapshots: readonly Snapshot[]): number | null {
  const [freed, setFreed] = useState<{ of: string; bytes: number } | null>(null);
  const ready = useEngineReady();
  const ids = snapshots
    .filter(({ status }) => status === 'ready')
    .map(({ id }) => id)
    .join(' ');
  useEffect(() => {
    if (!ready || ids === '') return;
    let current = true;
    const timer = window.setTimeout(async () => {
      try {
        const { bytes } = await operations.disk.freedBy({ snapshotIds: ids.split(' ') });
        if (current) setFreed({ of: ids, bytes });
      } catch (thrown) {
        // The number is informational.
        console.warn('Failed to compute the freed space:', thrown);
      }
    }, DEBOUNCE_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [ids, ready]);
  return freed?.of === ids ? freed.bytes : null;
}
