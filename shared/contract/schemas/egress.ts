import { z } from 'zod';
import { parseHostPattern } from '../../hostPatterns';
import { envSchema } from '../fields';

/** What a sandbox's requests to the outside may reach, and what is added to them on the way. */

const hostPatternSchema = z
  .string()
  .trim()
  .max(1024)
  .refine(
    (text) => parseHostPattern(text) !== null,
    'Name a host: a name, a glob (*.example.com), an address, a range (10.0.0.0/8) or ~expression; with :port or without.',
  );

/** They say how a message is carried (RFC 9110, 7.6.1), or where it goes. */
const connectionHeaders = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);

const headerFields = {
  /** A token of RFC 9110. */
  name: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'This is no name of a header.')
    .max(256)
    .refine(
      (name) => !/^proxy-/i.test(name) && !connectionHeaders.has(name.toLowerCase()),
      'This header belongs to the connection and cannot be set.',
    ),
  /** It goes in and never comes out again. */
  secret: z.boolean().default(false),
};
const ruleFields = {
  name: z.string().trim().min(1, 'Name the rule.').max(128),
  description: z.string().max(1024).default(''),
  enabled: z.boolean().default(true),
  hosts: z.array(hostPatternSchema).min(1, 'Name a host to match.').max(100),
  /** Globs; `/v1/*` is whatever begins with `/v1`, and none is every path. The first rule that matches counts. */
  paths: z.array(z.string().min(1).max(1024)).max(100).default([]),
  /** For every command in the sandbox while the rule is enabled; no place for secrets. */
  env: envSchema.default({}),
};
const accessSchema = z.object({
  /** `allow`: nothing but these. `deny`: everything but these. */
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
              /** A secret that is left out stays what it was in the rule of this name. */
              value: z
                .string()
                .max(16_384)
                .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'A header has one line of Latin-1 text.')
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
      'Two rules have the same name.',
    ),
  access: accessSchema.nullable().default(null),
});
export type EgressInput = z.output<typeof egressInputSchema>;

export const egressSchema = z.object({
  rules: z.array(
    z.object({
      ...ruleFields,
      /** The value of a secret is null. */
      headers: z.array(z.object({ ...headerFields, value: z.string().nullable() })),
    }),
  ),
  access: accessSchema.nullable(),
});
export type Egress = z.infer<typeof egressSchema>;
