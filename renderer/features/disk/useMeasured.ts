import { useEffect } from 'react';
import { measureDisk, useDisk } from '../../stores/disk';
import { useEngineReady } from '../../stores/engine';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';

/** Changes come in bursts. Milliseconds. */
const DEBOUNCE_MS = 1000;

/**
 * Has the disk measured soon after Docker is there, and again after changes to snapshots or sandboxes,
 * at most once in the given time (milliseconds). Nothing is measured while nothing changes.
 */
export function useMeasured(everyMs: number): void {
  const ready = useEngineReady();
  const snapshots = useSnapshots(({ items }) => items);
  const sandboxes = useSandboxes(({ items }) => items);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change is what sets it off.
  useEffect(() => {
    if (!ready) return;
    const changedAt = Date.now();
    const wait = Math.max(DEBOUNCE_MS, measuredAt() + everyMs - changedAt);
    const timer = window.setTimeout(() => {
      if (!document.hidden && measuredAt() < changedAt) void measureDisk();
    }, wait);
    return () => window.clearTimeout(timer);
  }, [ready, snapshots, sandboxes, everyMs]);
}

function measuredAt(): number {
  return useDisk.getState().usage?.measuredAt ?? 0;
}
