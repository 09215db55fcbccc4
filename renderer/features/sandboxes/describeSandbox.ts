import type { Sandbox } from '#shared/contract/sandboxes';
import { formatDuration } from '#shared/format';

const activities: Record<NonNullable<Sandbox['activity']>, string> = {
  starting: 'Starting…',
  stopping: 'Stopping…',
  suspending: 'Suspending…',
  capturing: 'Capturing…',
  deleting: 'Deleting…',
};

const statuses: Record<Sandbox['status'], string> = {
  provisioning: 'Booting…',
  ready: 'Running',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** What a sandbox is or what is being done to it, in a word. */
export function sandboxStateText({ activity, status, suspended }: Sandbox): string {
  if (suspended && !activity) return 'Suspended';
  return activity ? activities[activity] : statuses[status];
}

export function sandboxDot({ activity, status }: Sandbox): string {
  if (activity || status === 'provisioning') return 'waiting';
  if (status === 'ready') return 'on';
  return status === 'failed' ? 'bad' : '';
}

/** When it stops or goes by itself, as the end of a sentence; empty for never. */
export function lifetimeText({ idleStopSeconds, deleteAfterStopSeconds }: Sandbox): string {
  const stop = idleStopSeconds && ` · stops after ${formatDuration(idleStopSeconds)} without use`;
  const end =
    deleteAfterStopSeconds &&
    ` · is deleted ${formatDuration(deleteAfterStopSeconds)} after a stop`;
  return `${stop || ''}${end || ''}`;
}
