import type { SandboxRecord } from '../catalog';
import type { ContainerDetails, SandglassLabels } from '../docker';
import { newRecord, pickFields, sandboxFields } from '../fields';
import { sandboxNameOf } from './sandboxContainer';

/** Restores a lost record from a container and its labels. Fields without a label get initial values. */
export function sandboxFromLabels(
  labels: SandglassLabels,
  container: ContainerDetails,
  isTaken: (name: string) => boolean,
): SandboxRecord {
  // A rename changes the container's name; labels are immutable.
  const name = sandboxNameOf(container.name, labels.id) ?? labels.name;
  const { vcpus, memBytes, pidsLimit, network, ports } = container;
  return newRecord(sandboxFields, {
    ...pickFields(sandboxFields, labels),
    ...{ vcpus, memBytes, pidsLimit, network, ports },
    name: isTaken(name) ? `${name}-${labels.id.slice(0, 4)}` : name,
    snapshotId: labels.snapshotId || labels.id,
    snapshotName: labels.snapshotName || 'unknown',
    capacityKind: labels.fsCapacityBytes === null ? null : container.hardCapacity ? 'hard' : 'soft',
    runConfig: { user: labels.user, workDir: labels.workDir, env: container.env },
    // The label may be outdated, and a lost catalog must not cause a deletion.
    deleteAfterStopSeconds: 0,
    lastActiveAt: Date.now(),
    updatedAt: 0,
  });
}
