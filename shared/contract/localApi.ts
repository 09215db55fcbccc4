import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorInfoSchema } from './fields';

/** State of the local API, which serves the hosted service's SDK on this computer. */
export const localApiStatusSchema = z.object({
  state: z.enum(['off', 'opening', 'listening', 'failed']),
  /** `http://127.0.0.1:PORT`; null unless listening. */
  address: z.string().nullable(),
  /** Path of a Unix socket or named pipe that serves the same API; null unless listening there. */
  socketPath: z.string().nullable(),
  /** The key or the port is set by the environment and cannot be changed in the settings. */
  isKeyFixed: z.boolean(),
  isPortFixed: z.boolean(),
  error: errorInfoSchema.nullable(),
});
export type LocalApiStatus = z.infer<typeof localApiStatusSchema>;

export const localApiContract = {
  status: oc.output(localApiStatusSchema),
  /** API key. Not part of the status, so that it is sent only on request. */
  key: oc.output(z.object({ key: z.string() })),
  /** Generates a new key. The old one is rejected immediately, and its open streams are closed. */
  rotateKey: oc.output(z.object({ key: z.string() })),
  /** Tries to listen again after the port was taken. Resolves with the resulting status. */
  retry: oc.output(localApiStatusSchema),
};
