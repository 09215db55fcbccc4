import { oc } from '@orpc/contract';
import { z } from 'zod';
import { sandboxNameSchema } from '../names';
import {
  absolutePathSchema,
  capacityBytesSchema,
  defaultWaitSeconds,
  envSchema,
  hostPathSchema,
  idSchema,
  labelsSchema,
  portNumberSchema,
  runConfigChangeSchema,
  runConfigSchema,
  sandboxPathSchema,
  sandboxRefSchema,
  timeoutSecondsSchema,
  timestampSchema,
} from './fields';
import { egressInputSchema, egressSchema } from './schemas/egress';
import { gitMountsSchema } from './schemas/gitMount';
import { taskSchema } from './tasks';

export const sandboxStatuses = ['provisioning', 'ready', 'stopped', 'failed'] as const;

/** Activity in progress. Conflicting operations are refused. */
export const sandboxActivities = [
  'starting',
  'stopping',
  'suspending',
  'capturing',
  'deleting',
] as const;

/** Published port, reachable on 127.0.0.1 only. */
export const portSchema = z.object({
  containerPort: z.number().int(),
  /** Null while stopped: unless fixed, Docker assigns a free port at each start. */
  hostPort: z.number().int().nullable(),
});
export type Port = z.infer<typeof portSchema>;

/** Disposable machine: a container booted from a snapshot. */
export const sandboxSchema = z.object({
  id: idSchema,
  name: z.string(),
  status: z.enum(sandboxStatuses),
  statusMessage: z.string().nullable(),
  activity: z.enum(sandboxActivities).nullable(),
  snapshotId: idSchema,
  snapshotName: z.string(),
  vcpus: z.number().nullable(),
  memBytes: z.number().nullable(),
  pidsLimit: z.number().int().nullable(),
  fsCapacityBytes: z.number().nullable(),
  /**
   * `hard`: writes beyond the capacity fail. `soft`: Docker's storage driver has no quota, so usage
   * is measured, warned about, and captures beyond the capacity are refused. Null without a
   * capacity.
   */
  capacityKind: z.enum(['hard', 'soft']).nullable(),
  /** Image and writable layer, without `/tmp`. Bytes; null until measured. */
  fsUsedBytes: z.number().nullable(),
  network: z.boolean(),
  ports: z.array(portSchema),
  /** Stopped with preserved memory: processes are frozen and resume on start. */
  suspended: z.boolean(),
  /** Stopping suspends it. */
  preserveMemory: z.boolean(),
  runConfig: runConfigSchema,
  /** Null: unrestricted egress. */
  egress: egressSchema.nullable(),
  labels: labelsSchema,
  createdAt: timestampSchema,
  /**
   * Seconds without commands, file operations or terminal traffic after which it stops; 0: never.
   */
  idleStopSeconds: z.number().int(),
  /** Seconds after stopping until it is deleted; 0: never. */
  deleteAfterStopSeconds: z.number().int(),
  startedAt: timestampSchema.nullable(),
  stoppedAt: timestampSchema.nullable(),
});
export type Sandbox = z.infer<typeof sandboxSchema>;

export const fileStatSchema = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory', 'symlink', 'other']),
  sizeBytes: z.number(),
  /** POSIX permission bits. */
  mode: z.number().int(),
  modifiedAt: timestampSchema,
  uid: z.number().int().nullable(),
  gid: z.number().int().nullable(),
  linkTarget: z.string().nullable(),
});
export type FileStat = z.infer<typeof fileStatSchema>;

/** Matching line of a search; line numbers start at 1. */
export const lineMatchSchema = z.object({ path: z.string(), line: z.number(), text: z.string() });

const searchLimitSchema = z
  .number()
  .int('limit must be a whole number.')
  .min(1, 'limit must be from 1 to 10,000.')
  .max(10_000, 'limit must be from 1 to 10,000.')
  .default(1000);

const refInput = z.object({ sandbox: sandboxRefSchema });
const fileInput = z.object({ sandbox: sandboxRefSchema, path: sandboxPathSchema });
const copyTaskSchema = z.object({ task: taskSchema });

/** 0 turns it off. The maximum of 30 days is that of the hosted service. */
const lifetimeSecondsSchema = z
  .number()
  .int('A lifetime must be a whole number of seconds.')
  .min(0, 'A lifetime must be 0 (never) or more.')
  .max(2_592_000, 'A lifetime must be at most 2,592,000 seconds (30 days).');

/** Docker's minimum for a container's memory. */
const MIN_MEMORY_BYTES = 6 * 1024 ** 2;
const memBytesSchema = z.number().int().min(MIN_MEMORY_BYTES, 'Memory must be at least 6 MiB.');
const vcpusSchema = z.number().min(0.01).max(512);

export const sandboxesContract = {
  /**
   * Boots from a snapshot given by id or by name (`name` or `name:tag`). Without either, uses the
   * default image of the settings, from which a snapshot is created on first use. Returns
   * immediately.
   */
  create: oc
    .input(
      z
        .object({
          name: sandboxNameSchema.optional(),
          snapshotId: idSchema.optional(),
          snapshotName: z.string().min(1).max(255).optional(),
          vcpus: vcpusSchema.optional(),
          memBytes: memBytesSchema.optional(),
          pidsLimit: z
            .number()
            .int()
            .min(16, 'The process limit must be at least 16.')
            .max(4_194_304, 'The process limit must be at most 4,194,304.')
            .optional(),
          fsCapacityBytes: capacityBytesSchema.optional(),
          network: z.boolean().default(true),
          ports: z
            .array(
              z.object({ containerPort: portNumberSchema, hostPort: portNumberSchema.optional() }),
            )
            .max(100, 'At most 100 ports can be published.')
            .default([]),
          env: envSchema.optional(),
          workDir: absolutePathSchema.optional(),
          user: z.string().min(1).max(128).optional(),
          labels: labelsSchema.optional(),
          egress: egressInputSchema.optional(),
          preserveMemory: z.boolean().default(false),
          gitMounts: gitMountsSchema.default([]),
          idleStopSeconds: lifetimeSecondsSchema.default(0),
          deleteAfterStopSeconds: lifetimeSecondsSchema.default(0),
        })
        .refine((input) => !(input.snapshotId && input.snapshotName), {
          path: ['snapshotName'],
          message: 'Use at most one of snapshotId and snapshotName.',
        })
        .refine((input) => input.network || input.ports.length === 0, {
          path: ['ports'],
          message: 'Ports cannot be published without a network.',
        }),
    )
    .output(z.object({ sandbox: sandboxSchema, task: taskSchema })),
  list: oc.output(z.array(sandboxSchema)),
  get: oc.input(refInput).output(sandboxSchema),
  /**
   * Updates the name, lifetimes, limits, run configuration or egress; omitted fields stay
   * unchanged.
   */
  update: oc
    .input(
      refInput.extend({
        name: sandboxNameSchema.optional(),
        idleStopSeconds: lifetimeSecondsSchema.optional(),
        deleteAfterStopSeconds: lifetimeSecondsSchema.optional(),
        runConfig: runConfigChangeSchema.optional(),
        /** Replaces the whole configuration; null removes it. */
        egress: egressInputSchema.nullable().optional(),
        vcpus: vcpusSchema.optional(),
        memBytes: memBytesSchema.optional(),
      }),
    )
    .output(sandboxSchema),
  /** Resolves when the sandbox is running. */
  start: oc
    .input(
      refInput.extend({ timeoutSeconds: timeoutSecondsSchema.default(defaultWaitSeconds.start) }),
    )
    .output(sandboxSchema),
  /** Resolves when it is stopped. Files are kept, including `/tmp`. */
  stop: oc.input(refInput).output(sandboxSchema),
  /** Freezes it: appears stopped, but keeps processes and memory. A start resumes immediately. */
  suspend: oc.input(refInput).output(sandboxSchema),
  /** Deletes the sandbox and its files, running or not. */
  delete: oc.input(refInput).output(z.void()),
  /** Lists a folder by name. */
  listFiles: oc.input(fileInput).output(z.array(fileStatSchema)),
  /** Creates a folder with missing parents. Succeeds if it exists already. */
  makeFolder: oc.input(fileInput).output(fileStatSchema),
  /** Deletes a file, or a folder and its contents. */
  deleteFile: oc.input(fileInput).output(z.void()),
  /** Finds files and folders below a folder by a glob for their relative paths. */
  globFiles: oc
    .input(fileInput.extend({ pattern: z.string().min(1).max(4096), limit: searchLimitSchema }))
    .output(z.object({ matches: z.array(fileStatSchema), truncated: z.boolean() })),
  /**
   * Finds lines that contain a literal text in files below a folder, optionally filtered by a glob.
   */
  grepFiles: oc
    .input(
      fileInput.extend({
        text: z.string().min(1, 'Enter a text to search for.').max(4096),
        glob: z.string().min(1).max(4096).optional(),
        limit: searchLimitSchema,
      }),
    )
    .output(z.object({ matches: z.array(lineMatchSchema), truncated: z.boolean() })),
  /** Copies a file or folder from this computer into a folder of the sandbox. */
  upload: oc.input(fileInput.extend({ from: hostPathSchema })).output(copyTaskSchema),
  /** Copies a file or folder from the sandbox into a folder of this computer. */
  download: oc.input(fileInput.extend({ to: hostPathSchema })).output(copyTaskSchema),
};
