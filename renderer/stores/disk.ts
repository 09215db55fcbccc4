import { create } from 'zustand';
import type { DiskUsage } from '#shared/contract/disk';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../api/operations';

interface DiskState {
  /** The latest measurement; null before the first. */
  usage: DiskUsage | null;
  measuring: boolean;
  /** Error of the latest measurement, if it failed. */
  error: SandglassError | null;
}

export const useDisk = create<DiskState>(() => ({ usage: null, measuring: false, error: null }));

/** Whether another measurement was requested while one is running. */
let repeat = false;

/** Measures disk usage. Requests made during a measurement are coalesced into one that follows it. */
export async function measureDisk(): Promise<void> {
  if (useDisk.getState().measuring) {
    repeat = true;
    return;
  }
  useDisk.setState({ measuring: true });
  try {
    useDisk.setState({ usage: await operations.disk.usage(), error: null });
  } catch (thrown) {
    useDisk.setState({ error: toSandglassError(thrown) });
  } finally {
    useDisk.setState({ measuring: false });
  }
  if (!repeat) return;
  repeat = false;
  if (useDisk.getState().error === null) await measureDisk();
}
