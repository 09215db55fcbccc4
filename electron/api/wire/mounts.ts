import { z } from 'zod';
import type { GitMount } from '#shared/contract/schemas/gitMount';
import { SandglassError } from '#shared/errors';

const ref = z.object({ type: z.enum(['branch', 'tag']), name: z.string() });
const place = { id: z.string().nullish(), mount_path: z.string() };

/** Mounts of a sandbox. Of the types that clients support, only git is available. */
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
  s3: 'S3 buckets require a file system that containers are not allowed to mount',
  gcs: 'Google Cloud buckets require a file system that containers are not allowed to mount',
  contexthub: 'the Context Hub exists only in the hosted service',
};

/** @throws SandglassError `invalid_input` for unsupported mount types */
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
        'refresh_interval_seconds: a repository is cloned once, when the sandbox is created.',
        { field: 'refresh_interval_seconds', hint: 'Omit it, or run git pull in the sandbox.' },
      );
    }
    return { mountPath: mount.mount_path, remoteUrl, ref: wanted ?? undefined };
  });
}
