import type { SandboxRecord } from '../catalog';
import type { ContainerDetails, SandglassLabels } from '../docker';
import { sandboxNameOf } from './sandboxContainer';

/**
 * A sandbox that the catalog has lost, from what its container carries. Settings that labels do not
 * carry begin anew.
 */
export function sandboxFromLabels(
  labels: SandglassLabels,
  container: ContainerDetails,
  isTaken: (name: string) => boolean,
): SandboxRecord {
  // A rename changes the container's name, but labels can't be changed.
  const known = sandboxNameOf(container.name, labels.id) ?? labels.name;
  return {
    id: labels.id,
    name: isTaken(known) ? `${known}-${labels.id.slice(0, 4)}` : known,
    status: 'provisioning',
    statusMessage: null,
    containerId: null,
    snapshotId: labels.snapshotId ?? labels.id,
    snapshotName: labels.snapshotName ?? 'unknown',
    vcpus: container.vcpus,
    memBytes: container.memBytes,
    pidsLimit: container.pidsLimit,
    capacityKind: labels.fsCapacityBytes === null ? null : container.hardCapacity ? 'hard' : 'soft',
    fsUsedBytes: null,
    network: container.network,
    ports: container.ports,
    suspended: false,
    preserveMemory: labels.preserveMemory,
    fsCapacityBytes: labels.fsCapacityBytes,
    runConfig: { user: labels.user, workDir: labels.workDir, env: container.env },
    labels: labels.labels,
    createdAt: labels.createdAt,
    idleStopSeconds: labels.idleStopSeconds,
    // It may have been changed since: a lost catalog must not cost a sandbox.
    deleteAfterStopSeconds: 0,
    lastActiveAt: Date.now(),
    startedAt: null,
    stoppedAt: null,
    updatedAt: 0,
  };
}
