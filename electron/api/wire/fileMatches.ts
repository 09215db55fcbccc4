import { z } from 'zod';
import type { FileStat } from '#shared/contract/sandboxes';

const fileWire = z
  .object({
    path: z.string(),
    is_dir: z.boolean(),
    size_bytes: z.number(),
    modified_at: z.string(),
  })
  .meta({ id: 'File' });

export const fileMatchesWire = z.object({ matches: z.array(fileWire), truncated: z.boolean() });

export function toFileWire({
  path,
  kind,
  sizeBytes,
  modifiedAt,
}: FileStat): z.infer<typeof fileWire> {
  return {
    path,
    is_dir: kind === 'directory',
    size_bytes: sizeBytes,
    modified_at: new Date(modifiedAt).toISOString(),
  };
}
