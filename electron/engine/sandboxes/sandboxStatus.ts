import type { SandboxRecord } from '../catalog';
import type { ContainerDetails } from '../docker';

/** A sandbox's status in the light of its container. */
export function statusOf(
  container: ContainerDetails,
  before: SandboxRecord,
): Pick<SandboxRecord, 'status' | 'statusMessage' | 'startedAt' | 'stoppedAt' | 'suspended'> {
  const { state, startedAt, finishedAt } = container;
  const suspended = state === 'paused';
  switch (state) {
    case 'running':
    case 'restarting':
      return { status: 'ready', statusMessage: null, startedAt, stoppedAt: null, suspended };
    case 'paused':
      return {
        status: 'stopped',
        statusMessage: 'Suspended: its processes and its memory are kept.',
        startedAt,
        // Docker does not tell since when.
        stoppedAt: before.suspended ? before.stoppedAt : Date.now(),
        suspended,
      };
    case 'dead':
      return {
        status: 'failed',
        statusMessage: 'Docker could not remove it whole. Delete it again.',
        startedAt,
        stoppedAt: finishedAt,
        suspended,
      };
    default:
      return {
        status: 'stopped',
        statusMessage: container.outOfMemory ? 'It ran out of memory.' : null,
        startedAt,
        stoppedAt: finishedAt,
        suspended,
      };
  }
}
