import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorInfoSchema } from './fields';

/** Where the hosted service's client is answered on this computer. */
export const localApiStatusSchema = z.object({
  state: z.enum(['off', 'opening', 'listening', 'failed']),
  /** `http://127.0.0.1:PORT`; null unless it listens. */
  address: z.string().nullable(),
  /** The same on a Unix socket or a named pipe; null unless it listens there. */
  socketPath: z.string().nullable(),
  /** The environment has set the port or the key: settings do not change them. */
  isKeyFixed: z.boolean(),
  isPortFixed: z.boolean(),
  error: errorInfoSchema.nullable(),
});
export type LocalApiStatus = z.infer<typeof localApiStatusSchema>;

export const localApiContract = {
  status: oc.output(localApiStatusSchema),
  /** What every request must carry. Not part of the status: only who asks for it holds it. */
  key: oc.output(z.object({ key: z.string() })),
  /** Makes a new key; the old one is refused from then on, also where it had opened something. */
  rotateKey: oc.output(z.object({ key: z.string() })),
  /** Tries the same port again, after it was taken. Resolves when it listens or has failed again. */
  retry: oc.output(localApiStatusSchema),
};
