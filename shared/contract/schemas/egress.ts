import { z } from 'zod';
import { parseHostPattern } from '../../hostPatterns';
import { envSchema } from '../fields';

const hostPatternSchema = z
  .string()
  .trim()
  .max(1024)
  .refine(
    (text) => parseHostPattern(text) !== null,
    'Use a host name, a glob (*.example.com), an address, a range (10.0.0.0/8) or ~expression, optionally with :port.',
  );

/** Hop-by-hop headers (RFC 9110, 7.6.1) and headers that determine framing or routing. */
const connectionHeaders = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);

const headerFields = {
  /** Token (RFC 9110, 5.6.2). */
  name: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'This is not a valid header name.')
    .max(256)
    .refine(
      (name) => !/^proxy-/i.test(name) && !connectionHeaders.has(name.toLowerCase()),
      'This header is set by the connection itself.',
    ),
  /** The value is write-only. */
  secret: z.boolean().default(false),
};
const ruleFields = {
  name: z.string().trim().min(1, 'A rule needs a name.').max(128),
  description: z.string().max(1024).default(''),
  enabled: z.boolean().default(true),
  hosts: z.array(hostPatternSchema).min(1, 'A rule needs at least one host.').max(100),
  /**
   * Globs; `/v1/*` matches every path that begins with `/v1`, and an empty list matches all paths.
   * The first matching rule applies.
   */
  paths: z.array(z.string().min(1).max(1024)).max(100).default([]),
  /** Environment variables of every command while the rule is enabled. Not for secrets. */
  env: envSchema.default({}),
};
const accessSchema = z.object({
  /** `allow`: only these hosts. `deny`: all but these hosts. */
  mode: z.enum(['allow', 'deny']),
  hosts: z.array(hostPatternSchema).max(500),
});

export const egressInputSchema = z.object({
  rules: z
    .array(
      z.object({
        ...ruleFields,
        headers: z
          .array(
            z.object({
              ...headerFields,
              /** An omitted secret keeps its value in the rule of the same name. */
              value: z
                .string()
                .max(16_384)
                .regex(
                  /^[\t\x20-\x7e\x80-\xff]*$/,
                  'A header value must be one line of Latin-1 text.',
                )
                .optional(),
            }),
          )
          .max(50)
          .default([]),
      }),
    )
    .max(100)
    .default([])
    .refine(
      (rules) => new Set(rules.map(({ name }) => name)).size === rules.length,
      'Rule names must be unique.',
    ),
  access: accessSchema.nullable().default(null),
});
export type EgressInput = z.output<typeof egressInputSchema>;

export const egressSchema = z.object({
  rules: z.array(
    z.object({
      ...ruleFields,
      /** Null for secrets. */
      headers: z.array(z.object({ ...headerFields, value: z.string().nullable() })),
    }),
  ),
  access: accessSchema.nullable(),
});
export type Egress = z.infer<typeof egressSchema>;
