import type { SandboxRecord } from '../catalog';
import type { ContainerDetails, SandglassLabels } from '../docker';
import { newRecord, pickFields, sandboxFields } from '../fields';
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
  const { vcpus, memBytes, pidsLimit, network, ports } = container;
  return newRecord(sandboxFields, {
    ...pickFields(sandboxFields, labels),
    ...{ vcpus, memBytes, pidsLimit, network, ports },
    name: isTaken(known) ? `${known}-${labels.id.slice(0, 4)}` : known,
    snapshotId: labels.snapshotId || labels.id,
    snapshotName: labels.snapshotName || 'unknown',
    capacityKind: labels.fsCapacityBytes === null ? null : container.hardCapacity ? 'hard' : 'soft',
    runConfig: { user: labels.user, workDir: labels.workDir, env: container.env },
    // It may have been changed since: a lost catalog must not cost a sandbox.
    deleteAfterStopSeconds: 0,
    lastActiveAt: Date.now(),
    updatedAt: 0,
  });
}
