import { oc } from '@orpc/contract';
import { z } from 'zod';
import { sandboxNameSchema } from '../names';
import {
  absolutePathSchema,
  capacityBytesSchema,
  envSchema,
  idSchema,
  labelsSchema,
  runConfigSchema,
  sandboxRefSchema,
  timeoutSecondsSchema,
  timestampSchema,
} from './fields';
import { taskSchema } from './tasks';

export const sandboxStatuses = ['provisioning', 'ready', 'stopped', 'failed'] as const;

/** What is being done to a sandbox right now; actions that clash with it are refused. */
export const sandboxActivities = ['starting', 'stopping', 'capturing', 'deleting'] as const;

/** A disposable machine: a container booted from a snapshot. */
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
  fsCapacityBytes: z.number().nullable(),
  runConfig: runConfigSchema,
  labels: labelsSchema,
  createdAt: timestampSchema,
  /** Stops by itself after this long without a command, a file call or terminal traffic; 0: never. */
  idleStopSeconds: z.number().int(),
  /** Is deleted this long after it stopped; 0: never. */
  deleteAfterStopSeconds: z.number().int(),
  startedAt: timestampSchema.nullable(),
  stoppedAt: timestampSchema.nullable(),
});
export type Sandbox = z.infer<typeof sandboxSchema>;

export const commandResultSchema = z.object({
  stdout: z.string(),
  stderr: z.string(),
  exitCode: z.number().int(),
});
export type CommandResult = z.infer<typeof commandResultSchema>;

export const fileStatSchema = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory', 'symlink', 'other']),
  sizeBytes: z.number(),
  /** POSIX permission bits. */
  mode: z.number().int(),
  modifiedAt: timestampSchema,
  linkTarget: z.string().nullable(),
});
export type FileStat = z.infer<typeof fileStatSchema>;

const bytesSchema = z.instanceof(Uint8Array);
const refInput = z.object({ sandbox: sandboxRefSchema });
const fileInput = z.object({ sandbox: sandboxRefSchema, path: absolutePathSchema });

/** 0 switches it off; the ceiling of 30 days is the hosted service's. */
const lifetimeSecondsSchema = z
  .number()
  .int('A lifetime is a whole number of seconds.')
  .min(0, 'A lifetime is 0 (never) or more.')
  .max(2_592_000, 'A lifetime is at most 2,592,000 seconds (30 days).');

/** The least memory Docker accepts for a container is 6 MiB. */
const MEMORY_FLOOR_BYTES = 6 * 1024 ** 2;

export const sandboxesContract = {
  /** Boots from a snapshot named by id or by name (`name` or `name:tag`). Returns at once. */
  create: oc
    .input(
      z
        .object({
          name: sandboxNameSchema.optional(),
          snapshotId: idSchema.optional(),
          snapshotName: z.string().min(1).max(255).optional(),
          vcpus: z.number().min(0.01).max(512).optional(),
          memBytes: z
            .number()
            .int()
            .min(MEMORY_FLOOR_BYTES, 'Memory is at least 6 MiB.')
            .optional(),
          fsCapacityBytes: capacityBytesSchema.optional(),
          env: envSchema.optional(),
          workDir: absolutePathSchema.optional(),
          user: z.string().min(1).max(128).optional(),
          labels: labelsSchema.optional(),
          idleStopSeconds: lifetimeSecondsSchema.default(0),
          deleteAfterStopSeconds: lifetimeSecondsSchema.default(0),
        })
        .refine((input) => !(input.snapshotId && input.snapshotName), {
          path: ['snapshotName'],
          message: 'Give at most one of snapshotId and snapshotName.',
        })
        .refine((input) => input.snapshotId || input.snapshotName, {
          path: ['snapshotId'],
          message: 'Name the snapshot to boot from, by snapshotId or snapshotName.',
        }),
    )
    .output(z.object({ sandbox: sandboxSchema, task: taskSchema })),
  list: oc.output(z.array(sandboxSchema)),
  get: oc.input(refInput).output(sandboxSchema),
  /** Renames it or changes its lifetimes; what is left out stays. */
  update: oc
    .input(
      refInput.extend({
        name: sandboxNameSchema.optional(),
        idleStopSeconds: lifetimeSecondsSchema.optional(),
        deleteAfterStopSeconds: lifetimeSecondsSchema.optional(),
      }),
    )
    .output(sandboxSchema),
  /** Resolves when the sandbox runs. */
  start: oc.input(refInput).output(sandboxSchema),
  /** Resolves when it is stopped. Files stay, `/tmp` included. */
  stop: oc.input(refInput).output(sandboxSchema),
  /** Removes the sandbox and its files, running or not. */
  delete: oc.input(refInput).output(z.void()),
  /**
   * Runs a shell line or an argument vector; a non-zero exit code is a result, not an error. A
   * stopped sandbox is started first.
   */
  run: oc
    .input(
      refInput.extend({
        command: z.union([
          z.string().min(1, 'The command is empty.'),
          z.array(z.string()).min(1, 'The command is empty.'),
        ]),
        cwd: absolutePathSchema.optional(),
        env: envSchema.optional(),
        user: z.string().min(1).max(128).optional(),
        stdin: z.union([z.string(), bytesSchema]).optional(),
        timeoutSeconds: timeoutSecondsSchema.default(60),
      }),
    )
    .output(commandResultSchema),
  readFile: oc.input(fileInput).output(bytesSchema),
  /** Creates missing parent folders; keeps mode and owner of a file that is there. */
  writeFile: oc.input(fileInput.extend({ bytes: bytesSchema })).output(fileStatSchema),
  statFile: oc.input(fileInput).output(fileStatSchema),
};
