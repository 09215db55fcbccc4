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
import { taskSchema } from './tasks';

export const sandboxStatuses = ['provisioning', 'ready', 'stopped', 'failed'] as const;

/** What is being done to a sandbox right now; actions that clash with it are refused. */
export const sandboxActivities = [
  'starting',
  'stopping',
  'suspending',
  'capturing',
  'deleting',
] as const;

/** A port inside, and where it can be reached on this computer (127.0.0.1 only). */
export const portSchema = z.object({
  containerPort: z.number().int(),
  /** Null while it is stopped: Docker gives a free one at each start, unless one was asked for. */
  hostPort: z.number().int().nullable(),
});
export type Port = z.infer<typeof portSchema>;

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
  pidsLimit: z.number().int().nullable(),
  fsCapacityBytes: z.number().nullable(),
  /**
   * `hard`: a write past the capacity fails. `soft`: Docker's storage driver has no limit, so the use
   * is measured, warned of, and past the capacity no capture is made. Null without a capacity.
   */
  capacityKind: z.enum(['hard', 'soft']).nullable(),
  /** Image and changes together, without `/tmp`; null until it is measured. */
  fsUsedBytes: z.number().nullable(),
  network: z.boolean(),
  ports: z.array(portSchema),
  /** Stopped with its memory: processes are frozen, and go on at a start. */
  suspended: z.boolean(),
  /** A stop suspends it. */
  preserveMemory: z.boolean(),
  runConfig: runConfigSchema,
  /** Null: an ordinary way out. */
  egress: egressSchema.nullable(),
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

/** A line that a search has found; lines count from 1. */
export const lineMatchSchema = z.object({ path: z.string(), line: z.number(), text: z.string() });

const searchLimitSchema = z
  .number()
  .int('limit is a whole number.')
  .min(1, 'limit is from 1 to 10,000.')
  .max(10_000, 'limit is from 1 to 10,000.')
  .default(1000);

const bytesSchema = z.instanceof(Uint8Array);
const refInput = z.object({ sandbox: sandboxRefSchema });
const fileInput = z.object({ sandbox: sandboxRefSchema, path: sandboxPathSchema });
const offsetSchema = z.number().int().min(0, 'An offset is 0 or more.');
const copyTaskSchema = z.object({ task: taskSchema });

/** 0 switches it off; the ceiling of 30 days is the hosted service's. */
const lifetimeSecondsSchema = z
  .number()
  .int('A lifetime is a whole number of seconds.')
  .min(0, 'A lifetime is 0 (never) or more.')
  .max(2_592_000, 'A lifetime is at most 2,592,000 seconds (30 days).');

/** The least memory Docker accepts for a container is 6 MiB. */
const MEMORY_FLOOR_BYTES = 6 * 1024 ** 2;
const memBytesSchema = z.number().int().min(MEMORY_FLOOR_BYTES, 'Memory is at least 6 MiB.');
const vcpusSchema = z.number().min(0.01).max(512);

/** Docker's own, and where a volume of every sandbox is. */
const takenFolders = /^\/(dev|proc|sys|tmp)(\/|$)/;

/** A scheme, a host or none, and a path. */
const plainAddress = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@?#]*\/[^\s?#]+$/i;

/** As git has them, without what would be more than a name (git-check-ref-format(1)). */
const refNameSchema = z
  .string()
  .min(1, 'A ref has a name.')
  .max(255, 'The name of a ref has at most 255 characters.')
  .regex(
    /^(?![-/.])(?!.*(\.\.|@\{|\/\/|\/\.|\.lock$|[/.]$))[^\p{Cc}\s~^:?*[\\]+$/u,
    'This is not the name of a branch or tag.',
  );

/** A public repository whose files a sandbox begins with. */
export const gitMountSchema = z.object({
  mountPath: absolutePathSchema.refine(
    (path) => !takenFolders.test(path) && /^(\/(?!\.{1,2}(\/|$))[^/]+)+$/.test(path),
    'A mount is at a plain path of its own, outside of /dev, /proc, /sys and /tmp.',
  ),
  remoteUrl: z
    .string()
    .max(2048)
    .regex(plainAddress, 'A remote is an absolute address without login, query or fragment.'),
  /** The branch that the remote has as its default, unless given. */
  ref: z.object({ type: z.enum(['branch', 'tag']), name: refNameSchema }).optional(),
});
export type GitMount = z.infer<typeof gitMountSchema>;

/** Whether one of these folders is, or is in, another one. */
function overlap(paths: string[]): boolean {
  return paths.some((path, i) =>
    paths.some((other, j) => i !== j && `${path}/`.startsWith(`${other}/`)),
  );
}

export const sandboxesContract = {
  /**
   * Boots from a snapshot named by id or by name (`name` or `name:tag`); with neither from the default
   * image of the settings, which is made a snapshot at first need. Returns at once.
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
            .min(16, 'A sandbox needs at least 16 processes.')
            .max(4_194_304, 'The kernel has at most 4,194,304 processes.')
            .optional(),
          fsCapacityBytes: capacityBytesSchema.optional(),
          network: z.boolean().default(true),
          ports: z
            .array(
              z.object({ containerPort: portNumberSchema, hostPort: portNumberSchema.optional() }),
            )
            .max(100, 'A sandbox publishes at most 100 ports.')
            .default([]),
          env: envSchema.optional(),
          workDir: absolutePathSchema.optional(),
          user: z.string().min(1).max(128).optional(),
          labels: labelsSchema.optional(),
          egress: egressInputSchema.optional(),
          preserveMemory: z.boolean().default(false),
          gitMounts: z
            .array(gitMountSchema)
            .max(16, 'A sandbox has at most 16 mounts.')
            .default([])
            .refine((mounts) => !overlap(mounts.map(({ mountPath }) => mountPath)), {
              path: ['mountPath'],
              message: 'A mount is not inside of another one.',
            }),
          idleStopSeconds: lifetimeSecondsSchema.default(0),
          deleteAfterStopSeconds: lifetimeSecondsSchema.default(0),
        })
        .refine((input) => !(input.snapshotId && input.snapshotName), {
          path: ['snapshotName'],
          message: 'Give at most one of snapshotId and snapshotName.',
        })
        .refine((input) => input.network || input.ports.length === 0, {
          path: ['ports'],
          message: 'A sandbox without a network has no ports to publish.',
        }),
    )
    .output(z.object({ sandbox: sandboxSchema, task: taskSchema })),
  list: oc.output(z.array(sandboxSchema)),
  get: oc.input(refInput).output(sandboxSchema),
  /** Renames it, or changes its lifetimes, limits or how commands run in it; what is left out stays. */
  update: oc
    .input(
      refInput.extend({
        name: sandboxNameSchema.optional(),
        idleStopSeconds: lifetimeSecondsSchema.optional(),
        deleteAfterStopSeconds: lifetimeSecondsSchema.optional(),
        runConfig: runConfigChangeSchema.optional(),
        /** As a whole; null takes it away. */
        egress: egressInputSchema.nullable().optional(),
        vcpus: vcpusSchema.optional(),
        memBytes: memBytesSchema.optional(),
      }),
    )
    .output(sandboxSchema),
  /** Resolves when the sandbox runs. */
  start: oc
    .input(
      refInput.extend({ timeoutSeconds: timeoutSecondsSchema.default(defaultWaitSeconds.start) }),
    )
    .output(sandboxSchema),
  /** Resolves when it is stopped. Files stay, `/tmp` included. */
  stop: oc.input(refInput).output(sandboxSchema),
  /** Freezes it: stopped for its user, with processes and memory kept. A start goes on at once. */
  suspend: oc.input(refInput).output(sandboxSchema),
  /** Removes the sandbox and its files, running or not. */
  delete: oc.input(refInput).output(z.void()),
  /** A whole file, or `length` bytes of it from `offset` on; past its end there are none. */
  readFile: oc
    .input(fileInput.extend({ offset: offsetSchema.default(0), length: offsetSchema.optional() }))
    .output(bytesSchema),
  /** Creates missing parent folders; keeps mode and owner of a file that is there. */
  writeFile: oc.input(fileInput.extend({ bytes: bytesSchema })).output(fileStatSchema),
  statFile: oc.input(fileInput).output(fileStatSchema),
  /** What is in a folder, by name. */
  listFiles: oc.input(fileInput).output(z.array(fileStatSchema)),
  /** With missing parents; one that is there already is fine. */
  makeFolder: oc.input(fileInput).output(fileStatSchema),
  /** A file, or a folder with all that is in it. */
  deleteFile: oc.input(fileInput).output(z.void()),
  /** Files and folders below a folder, by a pattern for their paths from there. */
  globFiles: oc
    .input(fileInput.extend({ pattern: z.string().min(1).max(4096), limit: searchLimitSchema }))
    .output(z.object({ matches: z.array(fileStatSchema), truncated: z.boolean() })),
  /** Lines with a text (no expression) in the files below a folder, of those that the glob names. */
  grepFiles: oc
    .input(
      fileInput.extend({
        text: z.string().min(1, 'Give a text to look for.').max(4096),
        glob: z.string().min(1).max(4096).optional(),
        limit: searchLimitSchema,
      }),
    )
    .output(z.object({ matches: z.array(lineMatchSchema), truncated: z.boolean() })),
  /** Copies a file or folder of this computer into a folder of the sandbox. */
  upload: oc.input(fileInput.extend({ from: hostPathSchema })).output(copyTaskSchema),
  /** Copies a file or folder of the sandbox into a folder of this computer. */
  download: oc.input(fileInput.extend({ to: hostPathSchema })).output(copyTaskSchema),
};
