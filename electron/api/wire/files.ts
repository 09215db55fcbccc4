import { z } from 'zod';
import { sandboxPathSchema } from '#shared/contract/fields';
import type { FileStat } from '#shared/contract/sandboxes';

export const pathQuery = z.object({
  path: sandboxPathSchema.describe('Relative paths start at the working directory.'),
});

/** Metadata of a path in a sandbox, with symbolic links followed. */
export const fileStatWire = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory', 'symlink', 'other']),
  size_bytes: z.number(),
  /** Permission bits. */
  mode: z.number(),
  modified_at: z.string(),
});
export type FileStatWire = z.infer<typeof fileStatWire>;

export function toFileStatWire(stat: FileStat): FileStatWire {
  return {
    path: stat.path,
    kind: stat.kind,
    size_bytes: stat.sizeBytes,
    mode: stat.mode,
    modified_at: new Date(stat.modifiedAt).toISOString(),
  };
}

export const uploadWire = z.object({ path: z.string(), written: z.number() });
