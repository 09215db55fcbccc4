import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog';

export function snapshotNotFound(id: string, field: string): SandglassError {
  return new SandglassError('not_found', `There is no snapshot with the id ${id}.`, { field });
}

export function snapshotNotReady({ name, status }: SnapshotRecord): SandglassError {
  return new SandglassError('conflict', `The snapshot "${name}" is ${status}.`, {
    field: 'snapshotId',
    hint: 'Wait until it is ready.',
  });
}

export function snapshotBusy({ name, status }: SnapshotRecord): SandglassError {
  const state = status === 'ready' ? 'in use by another task' : status;
  return new SandglassError('conflict', `The snapshot "${name}" is ${state}.`, {
    hint: 'Wait for the task to end, or cancel it.',
  });
}
