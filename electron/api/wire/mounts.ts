import { z } from 'zod';
import type { GitMount } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';

const ref = z.object({ type: z.enum(['branch', 'tag']), name: z.string() });
const place = { id: z.string().nullish(), mount_path: z.string() };

/** What a sandbox has at a path from elsewhere. Of the kinds that clients know, git is offered. */
export const mountConfigWire = z.object({
  auth: z.unknown().optional(),
  mounts: z.array(
    z.discriminatedUnion('type', [
      z.object({
        ...place,
        type: z.literal('git'),
        git: z.object({
          remote_url: z.string(),
          ref: ref.nullish(),
          refresh_interval_seconds: z.number().nullish(),
        }),
      }),
      z.object({ ...place, type: z.enum(['s3', 'gcs', 'contexthub']) }),
    ]),
  ),
});

const reasons = {
  s3: 'a bucket of S3 needs a file system in the kernel that a container may not mount',
  gcs: 'a bucket of Google Cloud needs a file system in the kernel that a container may not mount',
  contexthub: 'the Context Hub is a part of the hosted service',
};

/** @throws SandglassError `invalid_input` for the kinds that are not offered */
export function toGitMounts(
  config: z.infer<typeof mountConfigWire> | null | undefined,
): GitMount[] | undefined {
  return config?.mounts.map((mount) => {
    if (mount.type !== 'git') {
      throw new SandglassError('invalid_input', `mount_config: ${reasons[mount.type]}.`, {
        field: 'mount_config',
        hint: 'Copy the files in, or mount a git repository.',
      });
    }
    const { remote_url: remoteUrl, ref: wanted, refresh_interval_seconds } = mount.git;
    if (typeof refresh_interval_seconds === 'number') {
      throw new SandglassError(
        'invalid_input',
        'refresh_interval_seconds: a repository is cloned once, when the sandbox is made.',
        { field: 'refresh_interval_seconds', hint: 'Leave it out, or pull in the sandbox.' },
      );
    }
    return { mountPath: mount.mount_path, remoteUrl, ref: wanted ?? undefined };
  });
}
