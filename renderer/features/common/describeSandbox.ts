import type { Sandbox } from '#shared/contract/sandboxes';
import { formatBytes, formatDuration } from '#shared/format';

/** Process limit of sandboxes created without one. */
const DEFAULT_PIDS = 4096;

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

/** State or current activity of a sandbox. */
export function sandboxStateText({ activity, status, suspended }: Sandbox): string {
  if (suspended && !activity) return 'Suspended';
  return activity ? activities[activity] : statuses[status];
}

export function sandboxDot({ activity, status }: Sandbox): string {
  if (activity || status === 'provisioning') return 'waiting';
  if (status === 'ready') return 'on';
  return status === 'failed' ? 'bad' : '';
}

/** Limits of a sandbox, and whether it has a network. */
export function limitsText({ vcpus, memBytes, pidsLimit, network }: Sandbox): string {
  const parts = [
    vcpus && `${vcpus} vCPU`,
    memBytes && formatBytes(memBytes),
    pidsLimit && pidsLimit !== DEFAULT_PIDS && `${pidsLimit} processes`,
    !network && 'no network',
  ];
  return parts.filter(Boolean).join(' · ') || 'none';
}

/** Used and total capacity with the kind of limit; null without a capacity. */
export function capacityText(sandbox: Sandbox): string | null {
  const { fsCapacityBytes, fsUsedBytes, capacityKind } = sandbox;
  if (fsCapacityBytes === null) return null;
  const used = fsUsedBytes === null ? '' : `${formatBytes(fsUsedBytes)} of `;
  const kind =
    capacityKind === 'hard'
      ? 'hard limit: writes beyond it fail'
      : 'soft limit: writes beyond it succeed, but captures are refused';
  return `${used}${formatBytes(fsCapacityBytes)} (${kind})`;
}

/** Automatic stop and deletion, for appending to a line; empty for never. */
export function lifetimeText({ idleStopSeconds, deleteAfterStopSeconds }: Sandbox): string {
  const stop = idleStopSeconds && ` · stops after ${formatDuration(idleStopSeconds)} without use`;
  const end =
    deleteAfterStopSeconds && ` · deleted ${formatDuration(deleteAfterStopSeconds)} after stopping`;
  return `${stop || ''}${end || ''}`;
}

/** Labels, for appending to a line; empty without any. */
export function labelsText({ labels }: Sandbox): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}: ${value}`);
  return pairs.length === 0 ? '' : ` · labels: ${pairs.join(', ')}`;
}
