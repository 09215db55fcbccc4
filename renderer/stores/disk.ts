import { create } from 'zustand';
import type { DiskUsage } from '#shared/contract/disk';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../api/operations';

interface DiskState {
  /** The last numbers; null until there were any. */
  usage: DiskUsage | null;
  measuring: boolean;
  /** Why the last measurement has failed. */
  error: SandglassError | null;
}

export const useDisk = create<DiskState>(() => ({ usage: null, measuring: false, error: null }));

/** Whether something has changed since the measurement that is under way was asked for. */
let again = false;

/** Has the disk measured; what was asked for meanwhile is done once, afterwards. */
export async function measureDisk(): Promise<void> {
  if (useDisk.getState().measuring) {
    again = true;
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
  if (!again) return;
  again = false;
  if (useDisk.getState().error === null) await measureDisk();
}
