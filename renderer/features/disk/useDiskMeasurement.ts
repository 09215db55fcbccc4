import { useEffect } from 'react';
import { measureDisk, useDisk } from '../../stores/disk';
import { useEngineReady } from '../../stores/engine';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';

/** Milliseconds without changes before a measurement: changes occur in bursts. */
const DEBOUNCE_MS = 1000;

/**
 * Measures disk usage once Docker is ready and after changes to snapshots or sandboxes.
 *
 * @param minIntervalMs minimum milliseconds between measurements
 */
export function useDiskMeasurement(minIntervalMs: number): void {
  const ready = useEngineReady();
  const snapshots = useSnapshots(({ items }) => items);
  const sandboxes = useSandboxes(({ items }) => items);
  // biome-ignore lint/correctness/useExhaustiveDependencies: changes to the lists trigger a measurement
  useEffect(() => {
    if (!ready) return;
    const changedAt = Date.now();
    const wait = Math.max(DEBOUNCE_MS, measuredAt() + minIntervalMs - changedAt);
    const timer = window.setTimeout(() => {
      if (!document.hidden && measuredAt() < changedAt) void measureDisk();
    }, wait);
    return () => window.clearTimeout(timer);
  }, [ready, snapshots, sandboxes, minIntervalMs]);
}

function measuredAt(): number {
  return useDisk.getState().usage?.measuredAt ?? 0;
}
