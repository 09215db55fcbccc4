import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { snapshotNameSchema, snapshotTagSchema } from '../names';
import {
  capacityBytesSchema,
  hostPathSchema,
  idSchema,
  imageReferenceSchema,
  labelsSchema,
  noteSchema,
  pageSchema,
  runConfigChangeSchema,
  runConfigSchema,
  sandboxRefSchema,
  timestampSchema,
} from './fields';
import { inlineCredentialFields, refuseTwoCredentials } from './registries';
import { capturePreviewSchema, excludeSchema } from './schemas/capturePreview';
import { taskSchema } from './tasks';

export const snapshotStatuses = ['building', 'ready', 'failed', 'deleting'] as const;

/** As it was called when the capture was made. */
export const ancestorSchema = z.object({ id: idSchema, name: z.string() });
export type Ancestor = z.infer<typeof ancestorSchema>;

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
  /** What it descends from, its parent first; some of them may have been deleted since. */
  ancestors: z.array(ancestorSchema),
  fsCapacityBytes: z.number().nullable(),
  /** The registered registry whose login it was pulled with. */
  registryId: idSchema.nullable(),
  /** All layers together, in bytes, as Docker counts them. */
  sizeBytes: z.number().nullable(),
  /** The layers that no other image shares: what deleting it frees. Null until it is measured. */
  uniqueBytes: z.number().nullable(),
  runConfig: runConfigSchema,
  note: z.string(),
  labels: labelsSchema,
  /** The user's star: kept in the home, not in Docker. */
  favourite: z.boolean(),
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
  runConfig: runConfigChangeSchema.optional(),
};

/** A snapshot in the making, and the task that makes it. */
const startedSchema = z.object({ snapshot: snapshotSchema, task: taskSchema });

export const snapshotsContract = {
  /** Builds from a local or a pulled Docker image. Returns at once; the task tells the rest. */
  create: oc
    .input(
      z
        .object({ ...describedFields, image: imageReferenceSchema, ...inlineCredentialFields })
        .superRefine(refuseTwoCredentials),
    )
    .output(startedSchema),
  /**
   * Builds from a Dockerfile in a folder, or in a tar archive of one, gzipped or not; the task's log has
   * what the builder says.
   */
  build: oc
    .input(
      z.object({
        ...describedFields,
        context: hostPathSchema,
        /** Relative to the context. */
        dockerfile: z.string().min(1).max(4096).default('Dockerfile'),
        buildArgs: z.record(z.string().min(1), z.string()).default({}),
        target: z.string().min(1).max(128).optional(),
      }),
    )
    .output(startedSchema),
  /**
   * Reads a snapshot from a file: one that `export` wrote, a `docker save` archive of one image, or a
   * root filesystem as `docker export` writes it. What is not given here comes from the file.
   */
  import: oc
    .input(
      z.object({ ...describedFields, name: snapshotNameSchema.optional(), file: hostPathSchema }),
    )
    .output(startedSchema),
  /** Writes a snapshot with its name, note, labels and lineage to a file, checksummed. */
  export: oc
    .input(z.object({ id: idSchema, file: hostPathSchema }))
    .output(z.object({ task: taskSchema })),
  /**
   * Changes the note, the labels or the star; what is left out stays. Notes and labels are written into
   * the image; a star is given at once, even while Docker is away.
   */
  update: oc
    .input(
      z.object({
        id: idSchema,
        note: noteSchema.optional(),
        labels: labelsSchema.optional(),
        favourite: z.boolean().optional(),
      }),
    )
    .output(snapshotSchema),
  /**
   * Captures a sandbox's persistent filesystem (never `/tmp`, mounts or processes), or, in its place, an
   * image that was built in the sandbox.
   */
  capture: oc
    .input(
      z
        .object({
          ...describedFields,
          sandbox: sandboxRefSchema,
          builtImage: imageReferenceSchema.optional(),
          /** They are really absent, and so are their bytes; the sandbox keeps them. */
          exclude: excludeSchema.optional(),
        })
        .refine(({ builtImage, exclude }) => builtImage === undefined || !exclude?.length, {
          path: ['exclude'],
          message: 'An image that was built is taken whole.',
        }),
    )
    .output(startedSchema),
  /**
   * What a capture would keep and what not, as it is found out. Nothing is written and nothing started;
   * whoever stops reading ends it.
   */
  previewCapture: oc
    .input(z.object({ sandbox: sandboxRefSchema }))
    .output(eventIterator(capturePreviewSchema)),
  /**
   * Makes a snapshot under another name, or another version, with the contents and the origin of one that
   * is there. What is not given here is as it is there.
   */
  duplicate: oc.input(z.object({ ...describedFields, id: idSchema })).output(startedSchema),
  list: oc
    .input(
      z
        .object({
          ...pageSchema,
          nameContains: z.string().max(255).optional(),
          /** Only those with a star. */
          favourite: z.literal(true).optional(),
        })
        .prefault({}),
    )
    .output(z.object({ snapshots: z.array(snapshotSchema), total: z.number().int() })),
  get: oc.input(z.object({ id: idSchema })).output(snapshotSchema),
  /** The newest ready one of a `name` or a `name:tag`. */
  find: oc.input(z.object({ name: z.string().min(1).max(255) })).output(snapshotSchema),
  /** Refused with `in_use` while a sandbox references it. */
  delete: oc.input(z.object({ id: idSchema })).output(z.void()),
};
