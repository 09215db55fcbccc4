import { z } from 'zod';
import { envSchema, type RunConfig, type RunConfigChange } from '#shared/contract/fields';

/** How commands are to run, on the wire. */
export const runConfigWire = z
  .object({
    user: z.string().nullish().describe('By name or number; the default is of the image.'),
    work_dir: z.string().nullish().describe('An absolute path.'),
    env_vars: z.record(z.string(), z.string()).nullish(),
  })
  .meta({ id: 'RunConfig', description: 'How commands run: of the image, else as said here.' });

/** The same as a caller gives it; an empty text is as good as none. */
export const runConfigInput = z
  .object({
    user: z.string().max(128).nullish().describe('By name or number; the default is of the image.'),
    work_dir: z
      .string()
      .max(4096)
      .regex(/^(\/[^\0]*)?$/, 'work_dir: this path is absolute: it starts with "/".')
      .nullish(),
    env_vars: envSchema.nullish(),
  })
  .meta({ id: 'RunConfigChange', description: 'How commands run; what is left out stays.' });

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
