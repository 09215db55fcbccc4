import type { Sandbox } from '#shared/contract/sandboxes';
import { formatBytes, formatDuration } from '#shared/format';

/** What every sandbox has that asks for nothing else. */
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

/** What it may use, and whether it has a network. */
export function limitsText({ vcpus, memBytes, pidsLimit, network }: Sandbox): string {
  const parts = [
    vcpus && `${vcpus} vCPU`,
    memBytes && formatBytes(memBytes),
    pidsLimit && pidsLimit !== DEFAULT_PIDS && `${pidsLimit} processes`,
    !network && 'no network',
  ];
  return parts.filter(Boolean).join(' · ') || 'none';
}

/** How much of its capacity is used and what that means; null without a capacity. */
export function capacityText(sandbox: Sandbox): string | null {
  const { fsCapacityBytes, fsUsedBytes, capacityKind } = sandbox;
  if (fsCapacityBytes === null) return null;
  const used = fsUsedBytes === null ? '' : `${formatBytes(fsUsedBytes)} of `;
  const kind =
    capacityKind === 'hard'
      ? 'a write past it fails'
      : 'soft: nothing stops a write past it, but no capture is made then';
  return `${used}${formatBytes(fsCapacityBytes)} (${kind})`;
}

/** When it stops or goes by itself, as the end of a sentence; empty for never. */
export function lifetimeText({ idleStopSeconds, deleteAfterStopSeconds }: Sandbox): string {
  const stop = idleStopSeconds && ` · stops after ${formatDuration(idleStopSeconds)} without use`;
  const end =
    deleteAfterStopSeconds &&
    ` · is deleted ${formatDuration(deleteAfterStopSeconds)} after a stop`;
  return `${stop || ''}${end || ''}`;
}

/** Its labels, as the end of a sentence; empty without any. */
export function labelsText({ labels }: Sandbox): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}: ${value}`);
  return pairs.length === 0 ? '' : ` · labels: ${pairs.join(', ')}`;
}
