import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorInfoSchema, timestampSchema } from './fields';

/** The connection to Docker, as a state machine. */
export const engineStatusSchema = z.object({
  state: z.enum(['connecting', 'ready', 'unreachable', 'reconnecting']),
  /** Where Docker is looked for, e.g. `unix:///var/run/docker.sock`. */
  endpoint: z.string(),
  /** How that address was found: `DOCKER_HOST`, `context colima`, `Docker Engine socket`, … */
  endpointSource: z.string(),
  version: z.string().nullable(),
  storageDriver: z.string().nullable(),
  error: errorInfoSchema.nullable(),
  nextAttemptAt: timestampSchema.nullable(),
});
export type EngineStatus = z.infer<typeof engineStatusSchema>;

export const engineContract = {
  status: oc.output(engineStatusSchema),
  /** Tries again now instead of at the next attempt; resolves with the outcome. */
  retry: oc.output(engineStatusSchema),
  /** By their references, in order: those that Docker has and that are no snapshot's. */
  images: oc.output(z.object({ references: z.array(z.string()) })),
};
