import { z } from 'zod';
import { envSchema, type RunConfig, type RunConfigChange } from '#shared/contract/fields';

/** Configuration of commands. */
export const runConfigWire = z
  .object({
    user: z.string().nullish().describe("Name or number; the image's user by default."),
    work_dir: z.string().nullish().describe('An absolute path.'),
    env_vars: z.record(z.string(), z.string()).nullish(),
  })
  .meta({
    id: 'RunConfig',
    description:
      'User, working directory and environment of commands; values override those of the image.',
  });

/** The same as input. An empty string counts as not set. */
export const runConfigInput = z
  .object({
    user: z.string().max(128).nullish().describe("Name or number; the image's user by default."),
    work_dir: z
      .string()
      .max(4096)
      .regex(/^(\/[^\0]*)?$/, 'work_dir: the path must be absolute, starting with "/".')
      .nullish(),
    env_vars: envSchema.nullish(),
  })
  .meta({
    id: 'RunConfigChange',
    description:
      'User, working directory and environment of commands; omitted fields stay unchanged.',
  });

export function toRunConfigChange(
  wire: z.infer<typeof runConfigInput> | null | undefined,
): RunConfigChange | undefined {
  if (!wire) return undefined;
  const { user, work_dir, env_vars } = wire;
  return {
    user: user || undefined,
    workDir: work_dir || undefined,
    env: env_vars ?? undefined,
  };
}

export function fromRunConfig({ user, workDir, env }: RunConfig): z.infer<typeof runConfigWire> {
  return { user: user ?? undefined, work_dir: workDir ?? undefined, env_vars: env };
}
