import { useEffect, useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';

/** A selection that grows card by card is asked about once. Milliseconds. */
const DEBOUNCE_MS = 150;

/** What deleting these together would free, in bytes; null until it is known, and while Docker is away. */
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
        // A number less: nothing that was asked for has failed.
        console.warn('What deleting would free is not known:', thrown);
      }
    }, DEBOUNCE_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [ids, ready]);
  return freed?.of === ids ? freed.bytes : null;
}
