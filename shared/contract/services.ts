import { oc } from '@orpc/contract';
import { z } from 'zod';
import { portNumberSchema, sandboxRefSchema, timestampSchema } from './fields';

/** The hosted service's: ten minutes unless asked for, a day at most. Seconds. */
const TOKEN_SECONDS = { usual: 600, most: 86_400 } as const;

const originSchema = z
  .string()
  .max(255)
  .refine(isOrigin, 'An origin is https://host or https://host:port; http only for localhost.');

/** How an HTTP service in a sandbox is reached, and by whom: whoever has the token. */
export const serviceAccessSchema = z.object({
  /** An origin of its own on this computer, which wants the token in a header. */
  serviceUrl: z.string(),
  /** Opened in a browser, it keeps the token in a cookie and leads to the service. */
  browserUrl: z.string(),
  /** For a frame in a page of the embed origins. */
  embedUrl: z.string(),
  token: z.string(),
  expiresAt: timestampSchema,
  embedOrigins: z.array(z.string()),
});
export type ServiceAccess = z.infer<typeof serviceAccessSchema>;

/** A port that somebody holds a token for. */
export const sharedPortSchema = z.object({
  port: z.number().int(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
});
export type SharedPort = z.infer<typeof sharedPortSchema>;

export const servicesContract = {
  /** Lets whoever has the token reach a port of a sandbox over HTTP, published or not. */
  share: oc
    .input(
      z.object({
        sandbox: sandboxRefSchema,
        port: portNumberSchema,
        expiresInSeconds: z
          .number()
          .int('A lifetime is a whole number of seconds.')
          .min(1, 'A token lives for at least 1 second.')
          .max(TOKEN_SECONDS.most, 'A token lives for at most 86,400 seconds (a day).')
          .default(TOKEN_SECONDS.usual),
        embedOrigins: z.array(originSchema).max(5, 'At most 5 origins.').default([]),
      }),
    )
    .output(serviceAccessSchema),
  /** The ports that a token is out for. */
  list: oc.input(z.object({ sandbox: sandboxRefSchema })).output(z.array(sharedPortSchema)),
  /** Ends the access to a port, or to all: tokens are void, connections are cut. */
  revoke: oc
    .input(z.object({ sandbox: sandboxRefSchema, port: portNumberSchema.optional() }))
    .output(z.void()),
};

function isOrigin(text: string): boolean {
  const match = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.exec(text);
  if (!match) return false;
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/i.test(match[2] ?? '');
  return match[1] === 'https' || isLocal;
}
