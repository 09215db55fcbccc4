import { randomUUID } from 'node:crypto';
import { overlayRunConfig, type RunConfigChange } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails } from '../docker';
import { describeRecord, type SandglassLabels } from '../docker';
import { newRecord, snapshotFields } from '../fields';
import { snapshotImageReference } from './snapshotImage';

/** Fields that a caller may set on a new snapshot, whatever its source. */
export interface SnapshotDescription {
  name: string;
  tag?: string;
  fsCapacityBytes?: number;
  note?: string;
  labels?: Record<string, string>;
  runConfig?: RunConfigChange;
}

/** Catalog row of a snapshot in the state `building`. `origin` overrides the description. */
export function buildingRecord(
  description: SnapshotDescription,
  origin: Partial<SnapshotRecord>,
): SnapshotRecord {
  const now = Date.now();
  const { name, tag, fsCapacityBytes, note, labels, runConfig } = description;
  return newRecord(snapshotFields, {
    ...{ id: randomUUID(), name, tag, fsCapacityBytes, note, labels },
    runConfig: overlayRunConfig({ user: null, workDir: null, env: {} }, runConfig),
    createdAt: now,
    updatedAt: now,
    ...origin,
  });
}

/** Labels of a snapshot's image. With them a lost catalog can be rebuilt. */
export function snapshotLabels(identity: string, record: SnapshotRecord): SandglassLabels {
  return describeRecord('snapshot', identity, record);
}

/** Inspects a snapshot's new image and returns the finished record. */
export async function readFinished(
  context: EngineContext,
  record: SnapshotRecord,
): Promise<SnapshotRecord> {
  return finishedRecord(
    record,
    await context.docker.images.inspect(snapshotImageReference(record)),
  );
}

/** Record of a finished snapshot, completed from its image. */
export function finishedRecord(record: SnapshotRecord, image: ImageDetails): SnapshotRecord {
  return {
    ...record,
    status: 'ready',
    statusMessage: null,
    dockerImage: snapshotImageReference(record),
    platform: image.platform,
    sizeBytes: image.sizeBytes,
    runConfig: { user: image.user, workDir: image.workDir, env: image.env },
  };
}

/** @throws SandglassError `name_taken` when a ready snapshot has this name and tag */
export function refuseTakenTag(context: EngineContext, description: SnapshotDescription): void {
  const { name, tag } = description;
  if (tag === undefined || !context.catalog.snapshots.findReady(name, tag)) return;
  throw new SandglassError('name_taken', `A snapshot "${name}:${tag}" already exists.`, {
    field: 'tag',
    hint: 'Choose another tag, or omit it: a name may have any number of versions.',
  });
}
