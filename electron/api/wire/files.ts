import { z } from 'zod';
import { sandboxPathSchema } from '#shared/contract/fields';
import type { FileStat } from '#shared/contract/sandboxes';

export const pathQuery = z.object({
  path: sandboxPathSchema.describe('A relative one starts at the working folder.'),
});

/** What is at a path of a sandbox, behind symbolic links. */
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
