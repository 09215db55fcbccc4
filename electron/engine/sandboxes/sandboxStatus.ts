import type { SandboxRecord } from '../catalog';
import type { ContainerDetails } from '../docker';

/** Maps a container's state to a sandbox's status. */
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
        statusMessage: 'Suspended. Processes and memory are kept.',
        startedAt,
        // Docker does not record the time of a pause.
        stoppedAt: before.suspended ? before.stoppedAt : Date.now(),
        suspended,
      };
    case 'dead':
      return {
        status: 'failed',
        statusMessage:
          'Docker could not remove the container completely. Delete the sandbox again.',
        startedAt,
        stoppedAt: finishedAt,
        suspended,
      };
    default:
      return {
        status: 'stopped',
        statusMessage: container.outOfMemory ? 'The sandbox ran out of memory.' : null,
        startedAt,
        stoppedAt: finishedAt,
        suspended,
      };
  }
}
