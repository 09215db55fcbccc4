import { z } from 'zod';
import { fileKinds } from '../contents';

/** Paths that are never captured, and therefore cannot be excluded. */
const neverCaptured = ['/proc', '/sys', '/dev', '/tmp'];

/** Maximum number of paths that one capture excludes. */
const MAX_EXCLUDED = 1000;

/** Normalizes an absolute path; null if it is relative or contains `.`, `..` or NUL. */
export function plainPath(path: string): string | null {
  const names = path.split('/').filter((name) => name !== '');
  const isPlain = path.startsWith('/') && !path.includes('\0');
  return isPlain && !names.some((name) => name === '.' || name === '..')
    ? `/${names.join('/')}`
    : null;
}

/** Reason why a path cannot be excluded from a capture; null if it can. */
export function excludeIssue(path: string): string | null {
  if (path.length > 4096) return 'A path must have at most 4096 characters.';
  const plain = plainPath(path);
  if (plain === null)
    return `"${path}" is not an absolute path. Start with "/" and do not use "..".`;
  if (plain === '/') return '"/" cannot be excluded: nothing would be left to capture.';
  const never = neverCaptured.find((root) => plain === root || plain.startsWith(`${root}/`));
  return never === undefined ? null : `${never} is never captured.`;
}

/**
 * Absolute paths of files and folders to exclude. Symbolic links among the parent folders are
 * followed; a link at the end is excluded itself. Paths that do not exist are ignored.
 */
export const excludeSchema = z
  .array(z.string())
  .max(
    MAX_EXCLUDED,
    `At most ${MAX_EXCLUDED} paths can be excluded. Exclude their folders instead.`,
  )
  .superRefine((paths, context) => {
    const issue = paths.map(excludeIssue).find((found) => found !== null);
    if (issue) context.addIssue({ code: 'custom', message: issue });
  });

export const pathChanges = ['added', 'changed', 'removed'] as const;

/** Path that a capture would store differently from the snapshot that the sandbox booted from. */
export const previewEntrySchema = z.object({
  path: z.string(),
  change: z.enum(pathChanges),
  /** Null until known. A path with entries below is a directory. */
  kind: z.enum(fileKinds).nullable(),
  /** Bytes; of a directory, the sum of what has been measured below it. Null until measured. */
  sizeBytes: z.number().nullable(),
  /** Number of added, changed and removed paths, including this one and all below. */
  pathCount: z.number().int(),
});
export type PreviewEntry = z.infer<typeof previewEntrySchema>;

/** Content that no capture includes. Bytes are null if Docker did not report them. */
export const leftOutSchema = z.object({
  tmpBytes: z.number().nullable(),
  mounts: z.array(z.object({ path: z.string(), sizeBytes: z.number().nullable() })),
  /** Process counts by program, highest first, without the sandbox's init processes. */
  processes: z.array(z.object({ name: z.string(), count: z.number().int() })),
  terminalCount: z.number().int(),
  commandCount: z.number().int(),
});
export type LeftOut = z.infer<typeof leftOutSchema>;

/** Progress of a capture preview. Each value replaces the previous one. */
export const capturePreviewSchema = z.object({
  /** `done` is the last state. */
  state: z.enum(['measuring', 'done']),
  counts: z.object({
    added: z.number().int(),
    changed: z.number().int(),
    removed: z.number().int(),
  }),
  /** Size of the new layer without excludes, as measured by Docker. Bytes; null until measured. */
  layerBytes: z.number().nullable(),
  /** Size of the whole snapshot, including layers shared with other snapshots. Bytes. */
  totalBytes: z.number().nullable(),
  /** Number of added and changed paths with a known size, and their total number. */
  measured: z.object({ done: z.number().int(), total: z.number().int() }),
  /**
   * The largest entries with all their parent folders, depth first, sorted by size within each
   * folder.
   */
  entries: z.array(previewEntrySchema),
  leftOut: leftOutSchema,
});
export type CapturePreview = z.infer<typeof capturePreviewSchema>;
