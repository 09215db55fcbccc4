import { oc } from '@orpc/contract';
import { z } from 'zod';
import { isLoopbackHost } from '../loopback';
import { portNumberSchema, sandboxRefSchema, timestampSchema } from './fields';

/** Token lifetime in seconds, as in the hosted service: 10 minutes by default, a day at most. */
const TOKEN_SECONDS = { default: 600, max: 86_400 } as const;

const originSchema = z
  .string()
  .max(255)
  .refine(
    isOrigin,
    'An origin has the form https://host or https://host:port; http only for localhost.',
  );

/** URLs and token for access to an HTTP service in a sandbox. */
export const serviceAccessSchema = z.object({
  /** Separate origin on this computer. Requests need the token in a header. */
  serviceUrl: z.string(),
  /** For browsers: stores the token in a cookie and redirects to the service. */
  browserUrl: z.string(),
  /** For an iframe in a page of one of the embed origins. */
  embedUrl: z.string(),
  token: z.string(),
  expiresAt: timestampSchema,
  embedOrigins: z.array(z.string()),
});
export type ServiceAccess = z.infer<typeof serviceAccessSchema>;

/** Port with a valid token. */
export const sharedPortSchema = z.object({
  port: z.number().int(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
});
export type SharedPort = z.infer<typeof sharedPortSchema>;

export const servicesContract = {
  /** Grants access over HTTP to a port of a sandbox, published or not, to holders of the token. */
  share: oc
    .input(
      z.object({
        sandbox: sandboxRefSchema,
        port: portNumberSchema,
        expiresInSeconds: z
          .number()
          .int('A lifetime must be a whole number of seconds.')
          .min(1, 'A token lifetime must be at least 1 second.')
          .max(TOKEN_SECONDS.max, 'A token lifetime must be at most 86,400 seconds (1 day).')
          .default(TOKEN_SECONDS.default),
        embedOrigins: z.array(originSchema).max(5, 'At most 5 origins are possible.').default([]),
      }),
    )
    .output(serviceAccessSchema),
  /** Lists ports with a valid token. */
  list: oc.input(z.object({ sandbox: sandboxRefSchema })).output(z.array(sharedPortSchema)),
  /** Revokes access to a port, or to all ports: invalidates tokens and closes connections. */
  revoke: oc
    .input(z.object({ sandbox: sandboxRefSchema, port: portNumberSchema.optional() }))
    .output(z.void()),
};

function isOrigin(text: string): boolean {
  const match = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.exec(text);
  if (!match) return false;
  const isLocal = isLoopbackHost(match[2]);
  return match[1] === 'https' || isLocal;
}
