import { z } from 'zod';
import { absolutePathSchema } from '../fields';

/** Folders of Docker, and the volume of every sandbox. */
const takenFolders = /^\/(dev|proc|sys|tmp)(\/|$)/;

/** URL with a scheme, an optional host and a path. */
const plainAddress = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@?#]*\/[^\s?#]+$/i;

/** git-check-ref-format(1), without revision syntax. */
const refNameSchema = z
  .string()
  .min(1, 'A ref needs a name.')
  .max(255, 'The name of a ref must have at most 255 characters.')
  .regex(
    /^(?![-/.])(?!.*(\.\.|@\{|\/\/|\/\.|\.lock$|[/.]$))[^\p{Cc}\s~^:?*[\\]+$/u,
    'This is not a valid branch or tag name.',
  );

/** Public repository that is cloned into a new sandbox. */
export const gitMountSchema = z.object({
  mountPath: absolutePathSchema.refine(
    (path) => !takenFolders.test(path) && /^(\/(?!\.{1,2}(\/|$))[^/]+)+$/.test(path),
    'A mount path must be absolute, without "." or "..", and outside of /dev, /proc, /sys and /tmp.',
  ),
  remoteUrl: z
    .string()
    .max(2048)
    .regex(
      plainAddress,
      'A remote must be an absolute URL without credentials, query or fragment.',
    ),
  /** Default: the remote's default branch. */
  ref: z.object({ type: z.enum(['branch', 'tag']), name: refNameSchema }).optional(),
});
export type GitMount = z.infer<typeof gitMountSchema>;

/** All mounts of a sandbox. */
export const gitMountsSchema = z
  .array(gitMountSchema)
  .max(16, 'At most 16 mounts are possible.')
  .refine((mounts) => !overlap(mounts.map(({ mountPath }) => mountPath)), {
    path: ['mountPath'],
    message: 'Mounts must not be nested.',
  });

/** Whether any of these folders equals or contains another one. */
function overlap(paths: string[]): boolean {
  return paths.some((path, i) =>
    paths.some((other, j) => i !== j && `${path}/`.startsWith(`${other}/`)),
  );
}
