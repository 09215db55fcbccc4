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

/** Name at the time of the capture. */
export const ancestorSchema = z.object({ id: idSchema, name: z.string() });
export type Ancestor = z.infer<typeof ancestorSchema>;

/** Reusable filesystem: a labelled Docker image that sandboxes boot from. */
export const snapshotSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** Name of one version. The name alone refers to the newest ready version. */
  tag: z.string().nullable(),
  status: z.enum(snapshotStatuses),
  statusMessage: z.string().nullable(),
  /** Image reference it was created from; null for a capture. */
  image: z.string().nullable(),
  imageDigest: z.string().nullable(),
  platform: z.string().nullable(),
  /** Sandbox it was captured from. */
  sourceSandboxId: idSchema.nullable(),
  sourceSandboxName: z.string().nullable(),
  /** Snapshot that the source sandbox booted from. */
  parentSnapshotId: idSchema.nullable(),
  /** Ancestors, parent first. Some may have been deleted since. */
  ancestors: z.array(ancestorSchema),
  fsCapacityBytes: z.number().nullable(),
  /** Registry whose credentials were used to pull the image. */
  registryId: idSchema.nullable(),
  /** Size of all layers in bytes, as counted by Docker. */
  sizeBytes: z.number().nullable(),
  /**
   * Size of the layers that no other image uses: what deleting it frees. Bytes; null until
   * measured.
   */
  uniqueBytes: z.number().nullable(),
  runConfig: runConfigSchema,
  note: z.string(),
  labels: labelsSchema,
  /** Starred by the user. Stored in the home, not in Docker. */
  favourite: z.boolean(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  /** Number of sandboxes that boot from it. It cannot be deleted while there are any. */
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

/** Snapshot being built, and its task. */
const startedSchema = z.object({ snapshot: snapshotSchema, task: taskSchema });

export const snapshotsContract = {
  /** Creates a snapshot from a local or pulled Docker image. Returns immediately with the task. */
  create: oc
    .input(
      z
        .object({ ...describedFields, image: imageReferenceSchema, ...inlineCredentialFields })
        .superRefine(refuseTwoCredentials),
    )
    .output(startedSchema),
  /**
   * Builds a Dockerfile from a folder or a tar archive (optionally gzipped). The task's log
   * contains the builder's output.
   */
  build: oc
    .input(
      z.object({
        ...describedFields,
        context: hostPathSchema,
        /** Path relative to the context. */
        dockerfile: z.string().min(1).max(4096).default('Dockerfile'),
        buildArgs: z.record(z.string().min(1), z.string()).default({}),
        target: z.string().min(1).max(128).optional(),
      }),
    )
    .output(startedSchema),
  /**
   * Imports a snapshot from a file: an export, a `docker save` archive of one image, or a root
   * filesystem written by `docker export`. Omitted fields are taken from the file.
   */
  import: oc
    .input(
      z.object({ ...describedFields, name: snapshotNameSchema.optional(), file: hostPathSchema }),
    )
    .output(startedSchema),
  /** Exports a snapshot with its name, note, labels and lineage to a file with a checksum. */
  export: oc
    .input(z.object({ id: idSchema, file: hostPathSchema }))
    .output(z.object({ task: taskSchema })),
  /**
   * Updates note, labels or star; omitted fields stay unchanged. Notes and labels are written to
   * the image; the star is stored immediately, even while Docker is unreachable.
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
   * Captures the filesystem of a sandbox without `/tmp`, mounts and processes, or an image that was
   * built in the sandbox.
   */
  capture: oc
    .input(
      z
        .object({
          ...describedFields,
          sandbox: sandboxRefSchema,
          builtImage: imageReferenceSchema.optional(),
          /** Excluded paths take no space in the snapshot. The sandbox keeps them. */
          exclude: excludeSchema.optional(),
        })
        .refine(({ builtImage, exclude }) => builtImage === undefined || !exclude?.length, {
          path: ['exclude'],
          message: 'Paths cannot be excluded from a built image.',
        }),
    )
    .output(startedSchema),
  /** Streams what a capture would include. Read-only; cancelled when the reader stops. */
  previewCapture: oc
    .input(z.object({ sandbox: sandboxRefSchema }))
    .output(eventIterator(capturePreviewSchema)),
  /**
   * Creates a snapshot with the contents and origin of an existing one under another name or tag.
   * Omitted fields are copied.
   */
  duplicate: oc.input(z.object({ ...describedFields, id: idSchema })).output(startedSchema),
  list: oc
    .input(
      z
        .object({
          ...pageSchema,
          nameContains: z.string().max(255).optional(),
          /** Only starred snapshots. */
          favourite: z.literal(true).optional(),
        })
        .prefault({}),
    )
    .output(z.object({ snapshots: z.array(snapshotSchema), total: z.number().int() })),
  get: oc.input(z.object({ id: idSchema })).output(snapshotSchema),
  /** Newest ready snapshot of a `name` or `name:tag`. */
  find: oc.input(z.object({ name: z.string().min(1).max(255) })).output(snapshotSchema),
  /** @throws `in_use` while a sandbox boots from it */
  delete: oc.input(z.object({ id: idSchema })).output(z.void()),
};
