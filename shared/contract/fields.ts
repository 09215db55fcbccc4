import { z } from 'zod';
import { errorCodes } from '../errors';

export const idSchema = z.uuid('An id must be a UUID.');

/** Reference to a sandbox by id or name. */
export const sandboxRefSchema = z.string().min(1, 'Give the id or name of a sandbox.').max(128);

export const labelsSchema = recordWithKeys(
  /^[\s\S]{1,63}$/,
  'A label name must have 1 to 63 characters.',
  z.string().max(1024, 'A label value must have at most 1024 characters.'),
);

export const envSchema = recordWithKeys(
  /^[^=\0]{1,4096}$/,
  'The name of an environment variable must not be empty or contain "=".',
  z
    .string()
    .max(131_072, 'An environment variable must have at most 131,072 characters.')
    .refine(
      (value) => !value.includes('\0'),
      'An environment variable must not contain a NUL character.',
    ),
);

/** Record with a specific message for invalid keys, which Zod's records lack. */
function recordWithKeys(key: RegExp, message: string, value: z.ZodString) {
  return z.record(z.string(), value).superRefine((record, context) => {
    for (const name of Object.keys(record)) {
      if (!key.test(name)) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
}

export const noteSchema = z.string().max(10_000, 'A note must have at most 10,000 characters.');

/** Path in a sandbox; relative paths start at the sandbox's working directory. */
export const sandboxPathSchema = z
  .string()
  .min(1, 'A path must not be empty.')
  .max(4096, 'A path must have at most 4096 characters.')
  .refine((path) => !path.includes('\0'), 'A path must not contain a NUL character.');

export const absolutePathSchema = sandboxPathSchema.regex(
  /^\//,
  'The path must be absolute, starting with "/".',
);

/** Path on this computer, in the syntax of its operating system. */
export const hostPathSchema = z
  .string()
  .min(1, 'Choose a file or folder.')
  .max(4096, 'A path must have at most 4096 characters.')
  .refine((path) => !path.includes('\0'), 'A path must not contain a NUL character.');

/**
 * Default wait times in seconds, those of the hosted service. A timeout ends the wait, not the
 * work.
 */
export const defaultWaitSeconds = { snapshot: 60, create: 30, start: 120 } as const;

/** Whole seconds, up to a day. */
export const timeoutSecondsSchema = z
  .number()
  .int('A timeout must be a whole number of seconds.')
  .min(1, 'A timeout must be at least 1 second.')
  .max(86_400, 'A timeout must be at most 86,400 seconds (1 day).');

/** Disk capacity in bytes. Below 16 MiB hardly any filesystem is usable. */
export const capacityBytesSchema = z
  .number()
  .int('A capacity must be a whole number of bytes.')
  .min(16 * 1024 ** 2, 'A capacity must be at least 16 MiB.')
  .max(16 * 1024 ** 4, 'A capacity must be at most 16 TiB.');

export const portNumberSchema = z
  .number()
  .int('A port must be a whole number.')
  .min(1, 'A port must be from 1 to 65535.')
  .max(65_535, 'A port must be from 1 to 65535.');

/**
 * Grammar of image references (github.com/distribution/reference, reference.go): registry, path,
 * tag and digest.
 */
const imageGrammar = (() => {
  const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/';
  const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const digest = '[a-zA-Z][a-zA-Z0-9+._-]*:[0-9a-fA-F]{32,}';
  const path = `${component}(?:/${component})*`;
  return new RegExp(`^(?:${host})?${path}(?::\\w[\\w.-]{0,127})?(?:@${digest})?$`);
})();

/**
 * Image reference as in `docker run`, with an optional tag or digest. Rejects anything that could
 * be interpreted as a path of Docker's API.
 */
export const imageReferenceSchema = z
  .string()
  .trim()
  .min(1, 'Enter a Docker image, e.g. "python:3.12-slim".')
  .max(512)
  .regex(imageGrammar, 'This is not a valid Docker image name. Example: "python:3.12-slim".');

/** Milliseconds since the Unix epoch. */
export const timestampSchema = z.number().int();

export const errorInfoSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().nullable(),
  retryable: z.boolean(),
  field: z.string().nullable(),
});

/** User, working directory and environment of commands. */
export const runConfigSchema = z.object({
  user: z.string().nullable(),
  workDir: z.string().nullable(),
  env: z.record(z.string(), z.string()),
});
export type RunConfig = z.infer<typeof runConfigSchema>;

/** Overrides of the run configuration; omitted fields stay unchanged. */
export const runConfigChangeSchema = z.object({
  user: z.string().min(1).max(128).optional(),
  workDir: absolutePathSchema.optional(),
  env: envSchema.optional(),
});
export type RunConfigChange = z.infer<typeof runConfigChangeSchema>;

/** Applies overrides to a run configuration. Environment variables are merged by name. */
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
    .int('limit must be a whole number.')
    .min(1, 'limit must be from 1 to 500.')
    .max(500, 'limit must be from 1 to 500.')
    .default(50),
  offset: z
    .number()
    .int('offset must be a whole number.')
    .min(0, 'offset must be 0 or more.')
    .default(0),
};
