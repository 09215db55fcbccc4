import { z } from 'zod';
import { fileKinds } from '../contents';

/** What no capture has, and so cannot be asked to leave out. */
const neverCaptured = ['/proc', '/sys', '/dev', '/tmp'];

/** The most paths that one capture leaves out. */
const MOST_EXCLUDED = 1000;

/** A path in its shortest form, or null where it is not one from the root. */
export function plainPath(path: string): string | null {
  const names = path.split('/').filter((name) => name !== '');
  const isPlain = path.startsWith('/') && !path.includes('\0');
  return isPlain && !names.some((name) => name === '.' || name === '..')
    ? `/${names.join('/')}`
    : null;
}

/** Why a path cannot be left out of a capture; null where it can. */
export function excludeIssue(path: string): string | null {
  if (path.length > 4096) return 'A path has at most 4096 characters.';
  const plain = plainPath(path);
  if (plain === null) return `"${path}" is no absolute path: one starts with "/" and has no "..".`;
  if (plain === '/') return 'Without "/" there would be nothing to capture.';
  const never = neverCaptured.find((root) => plain === root || plain.startsWith(`${root}/`));
  return never === undefined ? null : `${never} is in no capture anyway.`;
}

/**
 * Files and folders to leave out, from the root. A symbolic link among the folders of a path is followed,
 * one at its end is left out itself. What is not there is fine: it will not be in the capture either.
 */
export const excludeSchema = z
  .array(z.string())
  .max(MOST_EXCLUDED, `At most ${MOST_EXCLUDED} paths are left out; name folders.`)
  .superRefine((paths, context) => {
    const issue = paths.map(excludeIssue).find((found) => found !== null);
    if (issue) context.addIssue({ code: 'custom', message: issue });
  });

export const pathChanges = ['added', 'changed', 'removed'] as const;

/** A path that a capture would keep otherwise than the snapshot that the sandbox booted from has it. */
export const previewEntrySchema = z.object({
  path: z.string(),
  change: z.enum(pathChanges),
  /** Null until it is known. What has entries below is a directory. */
  kind: z.enum(fileKinds).nullable(),
  /** Of a directory: of all below that is measured yet. Null while nothing of it is. */
  sizeBytes: z.number().nullable(),
  /** Added, changed and removed paths, itself and all below. */
  pathCount: z.number().int(),
});
export type PreviewEntry = z.infer<typeof previewEntrySchema>;

/** What no capture keeps. Bytes are null where Docker has not told them. */
export const leftOutSchema = z.object({
  tmpBytes: z.number().nullable(),
  mounts: z.array(z.object({ path: z.string(), sizeBytes: z.number().nullable() })),
  /** By program, most of one first; without those that keep the sandbox up. */
  processes: z.array(z.object({ name: z.string(), count: z.number().int() })),
  terminalCount: z.number().int(),
  commandCount: z.number().int(),
});
export type LeftOut = z.infer<typeof leftOutSchema>;

/** What a capture would keep, as far as it is known; each one told replaces the one before. */
export const capturePreviewSchema = z.object({
  /** `done` is the last one. */
  state: z.enum(['measuring', 'done']),
  counts: z.object({
    added: z.number().int(),
    changed: z.number().int(),
    removed: z.number().int(),
  }),
  /** The new layer without excludes, as Docker measures it. Null until it has. */
  layerBytes: z.number().nullable(),
  /** The whole snapshot, in which what it shares with others is counted too. */
  totalBytes: z.number().nullable(),
  /** Of how many added and changed paths the size is known, and of how many there are. */
  measured: z.object({ done: z.number().int(), total: z.number().int() }),
  /** The largest with all folders above each, depth first; in each folder the largest first. */
  entries: z.array(previewEntrySchema),
  leftOut: leftOutSchema,
});
export type CapturePreview = z.infer<typeof capturePreviewSchema>;
