import { z } from 'zod';
import { ancestorSchema, type Snapshot } from '#shared/contract/snapshots';
import { json, nullable, number, runConfig, text, time, userLabels } from './codecs';
import { type FieldTable, field } from './fieldTable';

/** A snapshot as the catalog stores it, with its Docker image. */
export interface SnapshotRecord extends Omit<Snapshot, 'sandboxCount' | 'favourite'> {
  /** Tag of the image; null until the image is made. */
  dockerImage: string | null;
}

/** Every field of a snapshot: its column in `snapshots` and its label on the image. */
export const snapshotFields = {
  id: field('id', text()),
  name: field('name', text(), { label: 'name' }),
  tag: field('tag', nullable(text()), { label: 'tag', initial: null }),
  status: field('status', text<Snapshot['status']>(), { initial: 'building' }),
  statusMessage: field('status_message', nullable(text()), { initial: null }),
  image: field('image', nullable(text()), { label: 'image', initial: null }),
  imageDigest: field('image_digest', nullable(text()), { label: 'image-digest', initial: null }),
  dockerImage: field('docker_image', nullable(text()), { initial: null }),
  platform: field('platform', nullable(text()), { initial: null }),
  sourceSandboxId: field('source_sandbox_id', nullable(text()), {
    label: 'source-sandbox-id',
    initial: null,
  }),
  sourceSandboxName: field('source_sandbox_name', nullable(text()), {
    label: 'source-sandbox-name',
    initial: null,
  }),
  parentSnapshotId: field('parent_snapshot_id', nullable(text()), {
    label: 'parent-snapshot-id',
    initial: null,
  }),
  ancestors: field('ancestors', json(z.array(ancestorSchema), []), {
    label: 'ancestors',
    initial: [],
  }),
  fsCapacityBytes: field('fs_capacity_bytes', nullable(number), {
    label: 'fs-capacity-bytes',
    initial: null,
  }),
  registryId: field('registry_id', nullable(text()), { label: 'registry-id', initial: null }),
  sizeBytes: field('size_bytes', nullable(number), { initial: null }),
  uniqueBytes: field('unique_bytes', nullable(number), { initial: null }),
  runConfig: field('run_config', runConfig),
  note: field('note', text(), { label: 'note', initial: '' }),
  labels: field('labels', userLabels, { label: 'labels', initial: {} }),
  createdAt: field('created_at', time, { label: 'created' }),
  updatedAt: field('updated_at', time),
} satisfies FieldTable<SnapshotRecord>;
