import { randomUUID } from 'node:crypto';
import { overlayRunConfig, type RunConfigChange } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails } from '../docker';
import { describeObject, type SandglassLabels } from '../docker';
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
  return {
    id: randomUUID(),
    name: description.name,
    tag: description.tag ?? null,
    status: 'building',
    statusMessage: null,
    image: null,
    imageDigest: null,
    dockerImage: null,
    platform: null,
    sourceSandboxId: null,
    sourceSandboxName: null,
    parentSnapshotId: null,
    ancestors: [],
    fsCapacityBytes: description.fsCapacityBytes ?? null,
    registryId: null,
    sizeBytes: null,
    uniqueBytes: null,
    runConfig: overlayRunConfig({ user: null, workDir: null, env: {} }, description.runConfig),
    note: description.note ?? '',
    labels: description.labels ?? {},
    createdAt: now,
    updatedAt: now,
    ...origin,
  };
}

/** The labels that an image of this snapshot carries. */
export function snapshotLabels(identity: string, record: SnapshotRecord): SandglassLabels {
  return describeObject({
    kind: 'snapshot',
    home: identity,
    id: record.id,
    name: record.name,
    tag: record.tag,
    image: record.image,
    imageDigest: record.imageDigest,
    sourceSandboxId: record.sourceSandboxId,
    sourceSandboxName: record.sourceSandboxName,
    parentSnapshotId: record.parentSnapshotId,
    ancestors: record.ancestors,
    registryId: record.registryId,
    fsCapacityBytes: record.fsCapacityBytes,
    user: record.runConfig.user,
    workDir: record.runConfig.workDir,
    note: record.note,
    labels: record.labels,
    createdAt: record.createdAt,
  });
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
