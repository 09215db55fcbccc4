import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorInfoSchema, timestampSchema } from './fields';

/** State of the connection to Docker. */
export const engineStatusSchema = z.object({
  state: z.enum(['connecting', 'ready', 'unreachable', 'reconnecting']),
  /** Address of Docker, e.g. `unix:///var/run/docker.sock`. */
  endpoint: z.string(),
  /** Origin of the address: `DOCKER_HOST`, `context colima`, `Docker Engine socket`, … */
  endpointSource: z.string(),
  version: z.string().nullable(),
  storageDriver: z.string().nullable(),
  error: errorInfoSchema.nullable(),
  nextAttemptAt: timestampSchema.nullable(),
});
export type EngineStatus = z.infer<typeof engineStatusSchema>;

export const engineContract = {
  status: oc.output(engineStatusSchema),
  /** Reconnects immediately. Resolves with the resulting status. */
  retry: oc.output(engineStatusSchema),
  /** Sorted references of Docker images that are not snapshots. */
  images: oc.output(z.object({ references: z.array(z.string()) })),
};
