import { z } from 'zod';
import { errorCodes } from '../errors';

/** Field schemas that several operations share. */

export const idSchema = z.uuid('An id is a UUID.');

/** A sandbox is named by its id or its name wherever one is asked for. */
export const sandboxRefSchema = z.string().min(1, 'Name a sandbox by its id or its name.').max(128);

export const labelsSchema = recordWithKeys(
  /^[\s\S]{1,63}$/,
  'The name of a label has 1 to 63 characters.',
  z.string().max(1024, 'A label value has at most 1024 characters.'),
);

export const envSchema = recordWithKeys(
  /^[^=\0]{1,4096}$/,
  'The name of an environment variable is not empty and has no "=".',
  z
    .string()
    .max(131_072, 'An environment variable has at most 131,072 characters.')
    .refine((value) => !value.includes('\0'), 'An environment variable has no NUL character.'),
);

/** Zod's own records say of a wrong key no more than that it is wrong. */
function recordWithKeys(key: RegExp, message: string, value: z.ZodString) {
  return z.record(z.string(), value).superRefine((record, context) => {
    for (const name of Object.keys(record)) {
      if (!key.test(name)) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
}

export const noteSchema = z.string().max(10_000, 'A note has at most 10,000 characters.');

/** Inside a sandbox; a relative one starts at the sandbox's working directory. */
export const sandboxPathSchema = z
  .string()
  .min(1, 'A path is not empty.')
  .max(4096, 'A path has at most 4096 characters.')
  .refine((path) => !path.includes('\0'), 'A path cannot contain a NUL character.');

export const absolutePathSchema = sandboxPathSchema.regex(
  /^\//,
  'This path is absolute: it starts with "/".',
);

/** A file or folder on this computer, as its own operating system writes it. */
export const hostPathSchema = z
  .string()
  .min(1, 'Name a file or folder.')
  .max(4096, 'A path has at most 4096 characters.')
  .refine((path) => !path.includes('\0'), 'A path cannot contain a NUL character.');

/**
 * How long a caller waits when it does not say, in seconds. They are the hosted service's: 60 for a
 * snapshot, 30 for a new sandbox, 120 for a start. A timeout ends the wait, never the work.
 */
export const defaultWaitSeconds = { snapshot: 60, create: 30, start: 120 } as const;

/** Whole seconds; the ceiling is a day, past which a wait is a mistake. */
export const timeoutSecondsSchema = z
  .number()
  .int('A timeout is a whole number of seconds.')
  .min(1, 'A timeout is at least 1 second.')
  .max(86_400, 'A timeout is at most 86,400 seconds (a day).');

/** Bytes of disk; 16 MiB is the least that holds a file system worth having. */
export const capacityBytesSchema = z
  .number()
  .int('A capacity is a whole number of bytes.')
  .min(16 * 1024 ** 2, 'A capacity is at least 16 MiB.')
  .max(16 * 1024 ** 4, 'A capacity is at most 16 TiB.');

export const portNumberSchema = z
  .number()
  .int('A port is a whole number.')
  .min(1, 'A port is from 1 to 65535.')
  .max(65_535, 'A port is from 1 to 65535.');

/** The grammar of the distribution project (reference.go): a registry, a path, a tag and a digest. */
const imageGrammar = (() => {
  const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/';
  const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const digest = '[a-zA-Z][a-zA-Z0-9+._-]*:[0-9a-fA-F]{32,}';
  const path = `${component}(?:/${component})*`;
  return new RegExp(`^(?:${host})?${path}(?::\\w[\\w.-]{0,127})?(?:@${digest})?$`);
})();

/** As for `docker run`: with a tag, a digest, or neither. Anything else would be a path in Docker's API. */
export const imageReferenceSchema = z
  .string()
  .trim()
  .min(1, 'Name a Docker image, e.g. "python:3.12-slim".')
  .max(512)
  .regex(imageGrammar, 'This is no name of a Docker image; they are like "python:3.12-slim".');

/** Milliseconds since 1970, as JavaScript counts them. */
export const timestampSchema = z.number().int();

export const errorInfoSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().nullable(),
  retryable: z.boolean(),
  field: z.string().nullable(),
});

/** How the image or the caller wants commands to run. */
export const runConfigSchema = z.object({
  user: z.string().nullable(),
  workDir: z.string().nullable(),
  env: z.record(z.string(), z.string()),
});
export type RunConfig = z.infer<typeof runConfigSchema>;

/** What a caller wants otherwise than the image has it; what is left out stays. */
export const runConfigChangeSchema = z.object({
  user: z.string().min(1).max(128).optional(),
  workDir: absolutePathSchema.optional(),
  env: envSchema.optional(),
});
export type RunConfigChange = z.infer<typeof runConfigChangeSchema>;

/** One layer of configuration over another; variables are merged by name. */
export function overlayRunConfig(base: RunConfig, change: RunConfigChange = {}): RunConfig {
  return {
    user: change.user ?? base.user,
    workDir: change.workDir ?? base.workDir,
    env: { ...base.env, ...change.env },
  };
}

export const pageSchema = {
  limit: z
    .number()
    .int('limit is a whole number.')
    .min(1, 'limit is from 1 to 500.')
    .max(500, 'limit is from 1 to 500.')
    .default(50),
  offset: z.number().int('offset is a whole number.').min(0, 'offset is 0 or more.').default(0),
};
