import { oc } from '@orpc/contract';
import { z } from 'zod';
import { snapshotNameSchema, snapshotTagSchema } from '../names';
import {
  capacityBytesSchema,
  idSchema,
  labelsSchema,
  noteSchema,
  pageSchema,
  runConfigSchema,
  sandboxRefSchema,
  timestampSchema,
} from './fields';
import { taskSchema } from './tasks';

export const snapshotStatuses = ['building', 'ready', 'failed', 'deleting'] as const;

/** A reusable filesystem: a labelled Docker image that sandboxes boot from. */
export const snapshotSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** Names one version; the bare name means the newest ready one. */
  tag: z.string().nullable(),
  status: z.enum(snapshotStatuses),
  statusMessage: z.string().nullable(),
  /** The image reference it was built from; null for a capture. */
  image: z.string().nullable(),
  imageDigest: z.string().nullable(),
  platform: z.string().nullable(),
  /** The sandbox it was captured from. */
  sourceSandboxId: idSchema.nullable(),
  sourceSandboxName: z.string().nullable(),
  /** The snapshot which that sandbox had booted from. */
  parentSnapshotId: idSchema.nullable(),
  fsCapacityBytes: z.number().nullable(),
  /** All layers together, in bytes, as Docker counts them. */
  sizeBytes: z.number().nullable(),
  runConfig: runConfigSchema,
  note: z.string(),
  labels: labelsSchema,
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  /** Sandboxes that boot from it: while there are any, it cannot be deleted. */
  sandboxCount: z.number().int(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const describedFields = {
  name: snapshotNameSchema,
  tag: snapshotTagSchema.optional(),
  fsCapacityBytes: capacityBytesSchema.optional(),
  note: noteSchema.optional(),
  labels: labelsSchema.optional(),
};

const imageReferenceSchema = z
  .string()
  .trim()
  .min(1, 'Name a Docker image, e.g. "python:3.12-slim".')
  .max(512)
  .regex(/^[^\s]+$/, 'An image reference has no spaces.');

/** A snapshot in the making, and the task that makes it. */
const startedSchema = z.object({ snapshot: snapshotSchema, task: taskSchema });

export const snapshotsContract = {
  /** Builds from a local or a pulled Docker image. Returns at once; the task tells the rest. */
  create: oc
    .input(z.object({ ...describedFields, image: imageReferenceSchema }))
    .output(startedSchema),
  /** Captures a sandbox's persistent filesystem (never `/tmp`, mounts or processes). */
  capture: oc
    .input(z.object({ ...describedFields, sandbox: sandboxRefSchema }))
    .output(startedSchema),
  list: oc
    .input(
      z
        .object({
          ...pageSchema,
          nameContains: z.string().max(255).optional(),
        })
        .prefault({}),
    )
    .output(z.object({ snapshots: z.array(snapshotSchema), total: z.number().int() })),
  get: oc.input(z.object({ id: idSchema })).output(snapshotSchema),
  /** Refused with `in_use` while a sandbox references it. */
  delete: oc.input(z.object({ id: idSchema })).output(z.void()),
};
