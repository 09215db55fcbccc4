import { oc } from '@orpc/contract';
import { z } from 'zod';
import { absolutePathSchema, hostPathSchema, idSchema, timestampSchema } from './fields';
import { contentKinds } from './schemas/contentKinds';
import { taskSchema } from './tasks';

/** Indexing state of a snapshot. Contents can be queried only when `ready`. */
export const contentsStates = ['waiting', 'reading', 'ready', 'failed'] as const;
export type ContentsState = (typeof contentsStates)[number];

/** State of background indexing. */
export const contentsStatusSchema = z.object({
  /** False if indexing is turned off in the settings. */
  enabled: z.boolean(),
  /** Number of indexed snapshots. */
  ready: z.number().int(),
  waiting: z.number().int(),
  reading: z
    .object({
      snapshotId: idSchema,
      name: z.string(),
      bytesDone: z.number(),
      /** Size of the image as reported by Docker. A complete filesystem may be smaller. Bytes. */
      bytesTotal: z.number().nullable(),
    })
    .nullable(),
  failed: z.array(z.object({ snapshotId: idSchema, message: z.string() })),
});
export type ContentsStatus = z.infer<typeof contentsStatusSchema>;

/** Cell of a picture: a folder with everything below it that has no cell of its own. Bytes. */
export const picturePartSchema = z.object({
  path: z.string(),
  kind: z.enum(contentKinds),
  /** Content unchanged from the parent snapshot. */
  inheritedBytes: z.number(),
  /** Content that this snapshot added or changed. */
  ownBytes: z.number(),
});
export type PicturePart = z.infer<typeof picturePartSchema>;

export const pictureSchema = z.object({
  state: z.enum(contentsStates),
  /** Sorted by path; empty unless `ready`. */
  parts: z.array(picturePartSchema),
});
export type Picture = z.infer<typeof pictureSchema>;

export const fileKinds = ['file', 'directory', 'symlink', 'other'] as const;

/** File, directory or other entry of a snapshot's filesystem. */
export const contentsEntrySchema = z.object({
  name: z.string(),
  kind: z.enum(fileKinds),
  /** Bytes; of a directory, all files below it. A hard-linked file counts where it occurs first. */
  sizeBytes: z.number(),
  /** Number of entries below; of a directory only. */
  entryCount: z.number().int(),
  /** POSIX permission bits. */
  mode: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  /** Null for a directory: Docker changes some, and identical directories are stored once. */
  modifiedAt: timestampSchema.nullable(),
  linkTarget: z.string().nullable(),
  /** Added or changed since the parent snapshot; of a directory, whether anything below it was. */
  own: z.boolean(),
});
export type ContentsEntry = z.infer<typeof contentsEntrySchema>;

/** Preview of a file: text and images up to a maximum size. */
export const filePreviewSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string(), isWhole: z.boolean() }),
  z.object({ type: z.literal('image'), mimeType: z.string(), bytes: z.instanceof(Uint8Array) }),
  z.object({ type: z.literal('binary') }),
  /** An image that exceeds the maximum size. */
  z.object({ type: z.literal('too_large') }),
]);
export type FilePreview = z.infer<typeof filePreviewSchema>;

/** File on one side of a comparison. */
export const comparedFileSchema = contentsEntrySchema.pick({
  kind: true,
  sizeBytes: true,
  mode: true,
  uid: true,
  gid: true,
  linkTarget: true,
});

export const differenceKinds = ['added', 'changed', 'removed'] as const;

/** Path that differs between two snapshots. Modification times are ignored. */
export const differenceSchema = z.object({
  path: z.string(),
  difference: z.enum(differenceKinds),
  before: comparedFileSchema.nullable(),
  after: comparedFileSchema.nullable(),
  /** Aspects that a change affects. */
  aspects: z.array(z.enum(['content', 'mode', 'owner', 'kind', 'target'])),
});
export type Difference = z.infer<typeof differenceSchema>;

/** Number of differing paths by kind. */
export const differenceCountsSchema = z.object({
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
});
export type DifferenceCounts = z.infer<typeof differenceCountsSchema>;

/** Row of the difference tree: a differing path, or a folder that contains one. */
export const differenceRowSchema = z.object({
  path: z.string(),
  /** Path relative to the parent row; several components if folders in between have one entry. */
  name: z.string(),
  /** Depth, starting at 1. */
  level: z.number().int(),
  /** Index of the parent folder's row; null at the top level. */
  parentIndex: z.number().int().nullable(),
  /** Null if nothing below it differs. */
  isOpen: z.boolean().nullable(),
  /** Counts of the paths below, without the row itself. */
  below: differenceCountsSchema,
  /** Counted as in the whole comparison, for the row and everything below. Bytes. */
  addedBytes: z.number(),
  removedBytes: z.number(),
  /** Null if the path itself does not differ. */
  difference: differenceSchema.nullable(),
});
export type DifferenceRow = z.infer<typeof differenceRowSchema>;

export const packageManagers = ['apt', 'apk', 'pip', 'npm'] as const;

export const packageSchema = z.object({
  manager: z.enum(packageManagers),
  name: z.string(),
  version: z.string(),
});
export type Package = z.infer<typeof packageSchema>;

export const packageDifferenceSchema = packageSchema.omit({ version: true }).extend({
  /** Null if not installed; several versions if installed in several places. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type PackageDifference = z.infer<typeof packageDifferenceSchema>;

/** Hunk of a unified diff with three lines of context. */
export const hunkSchema = z.object({
  oldStart: z.number().int(),
  newStart: z.number().int(),
  /** Each line starts with a space, `-` or `+`; a `\` marks a remark about the previous line. */
  lines: z.array(z.string()),
});
export type Hunk = z.infer<typeof hunkSchema>;

/** Snapshot that matches a search. */
export const searchHitSchema = z.object({
  snapshotId: idSchema,
  /** Best matches: exact names first. */
  packages: z.array(packageSchema),
  /** Best matches: exact names first, then the shortest paths. */
  paths: z.array(z.string()),
  packageCount: z.number().int(),
  pathCount: z.number().int(),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

const snapshotPath = { snapshotId: idSchema, path: absolutePathSchema };
const twoSnapshots = { fromId: idSchema, toId: idSchema };

const differenceFilter = {
  difference: z.enum(differenceKinds).optional(),
  /** Case-insensitive. */
  pathContains: z.string().max(4096).optional(),
};

const comparisonSums = {
  /** Totals of the whole comparison, regardless of filters. */
  counts: differenceCountsSchema,
  /** Bytes of added and of removed files. A changed file counts as both. */
  addedBytes: z.number(),
  removedBytes: z.number(),
};

const pageOf = (max: number, defaultLimit: number) => ({
  limit: z.number().int().min(1).max(max).default(defaultLimit),
  offset: z.number().int().min(0).default(0),
});

/**
 * Contents of snapshots, available without booting them. Each snapshot is indexed once in the
 * background. Until then, all operations except `picture` are refused with `conflict` (retryable).
 */
export const contentsContract = {
  status: oc.output(contentsStatusSchema),
  /** Retries indexing of a snapshot whose indexing failed. No effect on others. */
  readAgain: oc.input(z.object({ snapshotId: idSchema })).output(contentsStatusSchema),
  picture: oc.input(z.object({ snapshotId: idSchema })).output(pictureSchema),
  /** Lists a folder by name, directories first. @throws `file_not_found`, `not_a_directory` */
  list: oc
    .input(z.object({ ...snapshotPath, ...pageOf(5000, 500) }))
    .output(z.object({ entries: z.array(contentsEntrySchema), total: z.number().int() })),
  /** Looks up a path, following symbolic links among its parents. @throws `file_not_found` */
  locate: oc.input(z.object(snapshotPath)).output(
    z.object({
      /** Path with symbolic links among the parents resolved. */
      path: z.string(),
      entry: contentsEntrySchema,
      /** Target of a symbolic link, fully resolved; null if it does not exist. */
      leadsTo: z.object({ path: z.string(), kind: z.enum(fileKinds) }).nullable(),
    }),
  ),
  /** Previews a file, following symbolic links. @throws `file_not_found`, `not_a_file` */
  preview: oc.input(z.object(snapshotPath)).output(filePreviewSchema),
  /**
   * Copies a file or folder from a snapshot into a folder of this computer. Existing files are
   * kept: a name that is taken gets a number. Follows a link, but copies links inside a folder.
   *
   * @throws `file_not_found`, `not_a_file` (device or pipe), `invalid_input` (`to` is not a folder)
   */
  save: oc
    .input(z.object({ ...snapshotPath, to: hostPathSchema }))
    .output(z.object({ task: taskSchema })),
  /** Compares two snapshots by path, one page at a time. */
  compare: oc
    .input(z.object({ ...twoSnapshots, ...differenceFilter, ...pageOf(1000, 500) }))
    .output(
      z.object({
        differences: z.array(differenceSchema),
        /** Number of differences that match the filters. */
        total: z.number().int(),
        ...comparisonSums,
      }),
    ),
  /** Compares two snapshots as a tree. Folders are expanded by default depending on their size. */
  compareTree: oc
    .input(
      z.object({
        ...twoSnapshots,
        ...differenceFilter,
        /** Folders whose expanded state is inverted. */
        toggled: z.array(absolutePathSchema).max(10_000).default([]),
        ...pageOf(1000, 200),
      }),
    )
    .output(
      z.object({
        rows: z.array(differenceRowSchema),
        /** Number of all rows. */
        total: z.number().int(),
        /** Number of differences that match the filters. */
        matching: z.number().int(),
        ...comparisonSums,
      }),
    ),
  comparePackages: oc
    .input(z.object(twoSnapshots))
    .output(z.object({ differences: z.array(packageDifferenceSchema) })),
  /**
   * Compares the text of a file. A missing or non-regular file counts as empty.
   * @throws `file_not_found`, `not_a_file` (if true for both sides)
   */
  compareText: oc.input(z.object({ ...twoSnapshots, path: absolutePathSchema })).output(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), hunks: z.array(hunkSchema) }),
      z.object({ type: z.literal('binary') }),
      /** Also used if the differences are too large. */
      z.object({ type: z.literal('too_large') }),
    ]),
  ),
  /**
   * Finds snapshots that contain a file or package, case-insensitively. `numpy 2.1`, `numpy==2.1`
   * and `numpy@2.1` match prefixes of a package name and version; `config.yaml` matches part of a
   * file name; `etc/nginx/conf` matches exact folder names, anchored at the root with a leading
   * slash. Sorted by exact package name, then exact file name, then newest first.
   */
  search: oc
    .input(
      z.object({
        query: z.string().trim().min(2).max(255),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({
        hits: z.array(searchHitSchema),
        /** Number of all hits, including those beyond `limit`. */
        total: z.number().int(),
        /**
         * False if the query matches too much to be searched completely: counts are lower bounds.
         */
        isWhole: z.boolean(),
      }),
    ),
};
