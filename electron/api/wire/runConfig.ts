import { z } from 'zod';
import type { RunConfig, RunConfigChange } from '#shared/contract/fields';

/** How commands are to run, on the wire. */
export const runConfigWire = z
  .object({
    user: z.string().nullish().describe('By name or number; the default is of the image.'),
    work_dir: z.string().nullish().describe('An absolute path.'),
    env_vars: z.record(z.string(), z.string()).nullish(),
  })
  .meta({ id: 'RunConfig', description: 'How commands run: of the image, else as said here.' });

export function toRunConfigChange(
  wire: z.infer<typeof runConfigWire> | null | undefined,
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
