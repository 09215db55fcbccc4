import { oc } from '@orpc/contract';
import { z } from 'zod';
import { absolutePathSchema, hostPathSchema, idSchema, timestampSchema } from './fields';
import { contentKinds } from './schemas/contentKinds';
import { taskSchema } from './tasks';

/** How far the background reading of one snapshot is. Only `ready` contents can be asked for. */
export const contentsStates = ['waiting', 'reading', 'ready', 'failed'] as const;
export type ContentsState = (typeof contentsStates)[number];

/** The background reading as a whole. */
export const contentsStatusSchema = z.object({
  /** Switched off in the settings. */
  enabled: z.boolean(),
  /** Snapshots whose contents are known. */
  ready: z.number().int(),
  waiting: z.number().int(),
  reading: z
    .object({
      snapshotId: idSchema,
      name: z.string(),
      bytesDone: z.number(),
      /** As Docker counts the image; a filesystem read to its end may have less. */
      bytesTotal: z.number().nullable(),
    })
    .nullable(),
  failed: z.array(z.object({ snapshotId: idSchema, message: z.string() })),
});
export type ContentsStatus = z.infer<typeof contentsStatusSchema>;

/** One cell of a picture: a folder and all below it that has no cell of its own. Bytes. */
export const picturePartSchema = z.object({
  path: z.string(),
  kind: z.enum(contentKinds),
  /** As it is in the snapshot that this one was captured from. */
  inheritedBytes: z.number(),
  /** What this snapshot added or changed. */
  ownBytes: z.number(),
});
export type PicturePart = z.infer<typeof picturePartSchema>;

export const pictureSchema = z.object({
  state: z.enum(contentsStates),
  /** By path; empty unless `ready`. */
  parts: z.array(picturePartSchema),
});
export type Picture = z.infer<typeof pictureSchema>;

export const fileKinds = ['file', 'directory', 'symlink', 'other'] as const;

/** Something in a snapshot's filesystem. */
export const contentsEntrySchema = z.object({
  name: z.string(),
  kind: z.enum(fileKinds),
  /** Of a directory: all files below it. A hard link counts where it comes first. */
  sizeBytes: z.number(),
  /** Of a directory: everything below it. */
  entryCount: z.number().int(),
  /** POSIX permission bits. */
  mode: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  /** Null for a directory: Docker touches some while they are read, and equal ones are kept once. */
  modifiedAt: timestampSchema.nullable(),
  linkTarget: z.string().nullable(),
  /** Added or changed since the snapshot that this one was captured from; of a directory: anything below. */
  own: z.boolean(),
});
export type ContentsEntry = z.infer<typeof contentsEntrySchema>;

/** A file as it is shown: text and images up to a size that is good to look at. */
export const filePreviewSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string(), isWhole: z.boolean() }),
  z.object({ type: z.literal('image'), mimeType: z.string(), bytes: z.instanceof(Uint8Array) }),
  z.object({ type: z.literal('binary') }),
  /** An image that is too large to be shown. */
  z.object({ type: z.literal('too_large') }),
]);
export type FilePreview = z.infer<typeof filePreviewSchema>;

/** One end of a comparison. */
export const comparedFileSchema = contentsEntrySchema.pick({
  kind: true,
  sizeBytes: true,
  mode: true,
  uid: true,
  gid: true,
  linkTarget: true,
});

export const differenceKinds = ['added', 'changed', 'removed'] as const;

/** A path that is not the same in two snapshots. Times alone make no difference. */
export const differenceSchema = z.object({
  path: z.string(),
  difference: z.enum(differenceKinds),
  before: comparedFileSchema.nullable(),
  after: comparedFileSchema.nullable(),
  /** What a change has changed. */
  aspects: z.array(z.enum(['content', 'mode', 'owner', 'kind', 'target'])),
});
export type Difference = z.infer<typeof differenceSchema>;

/** How many paths differ, by how. */
export const differenceCountsSchema = z.object({
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
});
export type DifferenceCounts = z.infer<typeof differenceCountsSchema>;

/** A row of what differs, folder by folder: a path that differs, or a folder on the way to such. */
export const differenceRowSchema = z.object({
  path: z.string(),
  /** From the row above in the tree on: several names where a folder leads to nothing but one other. */
  name: z.string(),
  /** From 1 on. */
  level: z.number().int(),
  /** Where the row is of the folder that this one lies in; null at the top. */
  parentIndex: z.number().int().nullable(),
  /** Null: nothing below it differs. */
  isOpen: z.boolean().nullable(),
  /** Of what is below, without itself. */
  below: differenceCountsSchema,
  /** Bytes as in the whole comparison, of itself and what is below. */
  addedBytes: z.number(),
  removedBytes: z.number(),
  /** Null: it is the same itself. */
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
  /** Null: not there. More than one: installed at several places. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type PackageDifference = z.infer<typeof packageDifferenceSchema>;

/** A part of a text that differs, with three lines around it, as in a unified diff. */
export const hunkSchema = z.object({
  oldStart: z.number().int(),
  newStart: z.number().int(),
  /** Each begins with a space, `-` or `+`; with `\`, what is to be said of the line before. */
  lines: z.array(z.string()),
});
export type Hunk = z.infer<typeof hunkSchema>;

/** A snapshot in which a search has found something. */
export const searchHitSchema = z.object({
  snapshotId: idSchema,
  /** The best few: the very name first. */
  packages: z.array(packageSchema),
  /** The best few: the very name first, then the shortest. */
  paths: z.array(z.string()),
  packageCount: z.number().int(),
  pathCount: z.number().int(),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

const snapshotPath = { snapshotId: idSchema, path: absolutePathSchema };
const twoSnapshots = { fromId: idSchema, toId: idSchema };

const differenceFilter = {
  difference: z.enum(differenceKinds).optional(),
  /** In upper or lower case. */
  pathContains: z.string().max(4096).optional(),
};

const comparisonSums = {
  /** Of everything, whatever the filters. */
  counts: differenceCountsSchema,
  /** Bytes of files added, and of files removed, a changed one being both. */
  addedBytes: z.number(),
  removedBytes: z.number(),
};

const pageOf = (most: number, usual: number) => ({
  limit: z.number().int().min(1).max(most).default(usual),
  offset: z.number().int().min(0).default(0),
});

/**
 * What is inside snapshots, without booting them. All of it is read once per snapshot, in the background;
 * what is asked for before that is refused with `conflict` (retryable), except pictures.
 */
export const contentsContract = {
  status: oc.output(contentsStatusSchema),
  /** Reads one once more that could not be read. Others change nothing. */
  readAgain: oc.input(z.object({ snapshotId: idSchema })).output(contentsStatusSchema),
  picture: oc.input(z.object({ snapshotId: idSchema })).output(pictureSchema),
  /** A folder, by name, directories first. @throws `file_not_found`, `not_a_directory` */
  list: oc
    .input(z.object({ ...snapshotPath, ...pageOf(5000, 500) }))
    .output(z.object({ entries: z.array(contentsEntrySchema), total: z.number().int() })),
  /** What is at a path. Links on the way to it are followed. @throws `file_not_found` */
  locate: oc.input(z.object(snapshotPath)).output(
    z.object({
      /** With the links on the way resolved. */
      path: z.string(),
      entry: contentsEntrySchema,
      /** Of a link: where it leads in the end; null when it leads nowhere. */
      leadsTo: z.object({ path: z.string(), kind: z.enum(fileKinds) }).nullable(),
    }),
  ),
  /** What a file looks like. A link is followed. @throws `file_not_found`, `not_a_file` */
  preview: oc.input(z.object(snapshotPath)).output(filePreviewSchema),
  /**
   * Copies a file or a folder out of a snapshot, into a folder of this computer. What is there stays: a
   * name that is taken gets a number. A link is followed; those within a folder stay links.
   * @throws `file_not_found`, `not_a_file` (a device or a pipe), `invalid_input` (`to` is no folder)
   */
  save: oc
    .input(z.object({ ...snapshotPath, to: hostPathSchema }))
    .output(z.object({ task: taskSchema })),
  /** What differs between two snapshots, by path, a page at a time. */
  compare: oc
    .input(z.object({ ...twoSnapshots, ...differenceFilter, ...pageOf(1000, 500) }))
    .output(
      z.object({
        differences: z.array(differenceSchema),
        /** Of what the filters let through. */
        total: z.number().int(),
        ...comparisonSums,
      }),
    ),
  /** The same folder by folder, to look at: some folders are open by themselves, by how much is in them. */
  compareTree: oc
    .input(
      z.object({
        ...twoSnapshots,
        ...differenceFilter,
        /** Folders that are not as they would be by themselves: open ones closed, closed ones open. */
        toggled: z.array(absolutePathSchema).max(10_000).default([]),
        ...pageOf(1000, 200),
      }),
    )
    .output(
      z.object({
        rows: z.array(differenceRowSchema),
        /** Of all rows. */
        total: z.number().int(),
        /** Of what the filters let through. */
        matching: z.number().int(),
        ...comparisonSums,
      }),
    ),
  comparePackages: oc
    .input(z.object(twoSnapshots))
    .output(z.object({ differences: z.array(packageDifferenceSchema) })),
  /**
   * How the text of a file differs; what is not there, or is no file, is as an empty one.
   *
   * @throws `file_not_found`, `not_a_file` (on neither side)
   */
  compareText: oc.input(z.object({ ...twoSnapshots, path: absolutePathSchema })).output(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), hunks: z.array(hunkSchema) }),
      z.object({ type: z.literal('binary') }),
      /** Or too much of it differs. */
      z.object({ type: z.literal('too_large') }),
    ]),
  ),
  packages: oc
    .input(z.object({ snapshotId: idSchema }))
    .output(z.object({ packages: z.array(packageSchema) })),
  /**
   * Which snapshots have a file or a package, whatever the case. `numpy 2.1`, `numpy==2.1` and `numpy@2.1`
   * are beginnings of a name and of a version; `config.yaml` is a part of a file's name; `etc/nginx/conf` is
   * in folders of just these names, with a leading slash from the root. First come snapshots with a package
   * of the very name, then those with a file of it; of each the newest.
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
        /** Of all hits, those that are shown included. */
        total: z.number().int(),
        /** False when the query fits so much that not all was looked at: each count is "at least". */
        isWhole: z.boolean(),
      }),
    ),
};
