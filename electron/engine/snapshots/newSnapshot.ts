import { randomUUID } from 'node:crypto';
import { overlayRunConfig, type RunConfigChange } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails } from '../docker';
import { describeRecord, type SandglassLabels } from '../docker';
import { newRecord, snapshotFields } from '../fields';
import { snapshotImageReference } from './snapshotImage';

/** What a caller says about a snapshot, however it is made. */
export interface SnapshotDescription {
  name: string;
  tag?: string;
  fsCapacityBytes?: number;
  note?: string;
  labels?: Record<string, string>;
  runConfig?: RunConfigChange;
}

/** The catalog's row of a snapshot that is about to be made. */
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

/** The labels that an image of this snapshot carries. */
export function snapshotLabels(identity: string, record: SnapshotRecord): SandglassLabels {
  return describeRecord('snapshot', identity, record);
}

/** The finished snapshot, as read back from the image that was made. */
export async function readBack(
  context: EngineContext,
  record: SnapshotRecord,
): Promise<SnapshotRecord> {
  return asMade(record, await context.docker.images.inspect(snapshotImageReference(record)));
}

/** The finished snapshot that this image is. */
export function asMade(record: SnapshotRecord, image: ImageDetails): SnapshotRecord {
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

/** @throws SandglassError `conflict` when this tag of this name is there already */
export function refuseTakenTag(context: EngineContext, description: SnapshotDescription): void {
  const { name, tag } = description;
  if (tag === undefined || !context.catalog.snapshots.findReady(name, tag)) return;
  throw new SandglassError('name_taken', `There is a snapshot "${name}:${tag}" already.`, {
    field: 'tag',
    hint: 'Choose another tag, or leave it out: a bare name takes any number of versions.',
  });
}
