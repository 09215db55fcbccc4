import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, timestampSchema } from './fields';

/** Registry with the user's credentials. The password is never returned. */
export const registrySchema = z.object({
  id: idSchema,
  name: z.string(),
  url: z.string(),
  username: z.string(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
});
export type Registry = z.infer<typeof registrySchema>;

const registryNameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'Use 1 to 63 lowercase letters, digits and "-", e.g. "company".',
  );
const registryUrlSchema = z
  .string()
  .trim()
  .max(512)
  .regex(
    /^(https?:\/\/)?[a-z0-9.-]+(:\d+)?(\/\S*)?$/i,
    'Enter the URL of the registry, e.g. "https://registry.example.com".',
  );
const usernameSchema = z.string().min(1, 'Enter the user name.').max(256);
const passwordSchema = z.string().min(1, 'Enter the password or token.').max(65_536);

/** Credentials for a single operation, which are not stored. */
export const inlineCredentialFields = {
  registryId: idSchema.optional(),
  registryUrl: registryUrlSchema.optional(),
  registryUsername: usernameSchema.optional(),
  registryPassword: passwordSchema.optional(),
};

interface CredentialFields {
  registryId?: string;
  registryUrl?: string;
  registryUsername?: string;
  registryPassword?: string;
}

/** Rejects a stored registry together with inline credentials, and incomplete credentials. */
export function refuseTwoCredentials(
  { registryId, registryUrl, registryUsername, registryPassword }: CredentialFields,
  context: z.RefinementCtx,
): void {
  const isInline = registryUrl || registryUsername || registryPassword;
  if (registryId && isInline) {
    context.addIssue({
      code: 'custom',
      path: ['registryId'],
      message: 'Use either registryId or registryUrl, registryUsername and registryPassword.',
    });
  } else if (isInline && !(registryUsername && registryPassword)) {
    context.addIssue({
      code: 'custom',
      path: [registryUsername ? 'registryPassword' : 'registryUsername'],
      message: 'Enter both a user name and a password.',
    });
  }
}

/** Protection of stored registry passwords. */
export const secretProtectionSchema = z.enum([
  /** Encrypted with the operating system's keychain. */
  'keychain',
  /** Stored in a file with mode 0600, as the system has no keychain. */
  'file',
]);
export type SecretProtection = z.infer<typeof secretProtectionSchema>;

const registryRef = z.object({
  registry: z.string().min(1, 'Give the id or name of a registry.').max(128),
});

export const registriesContract = {
  list: oc.output(z.array(registrySchema)),
  get: oc.input(registryRef).output(registrySchema),
  /**
   * Adds a registry. @throws `secrets_unprotected` without a keychain, unless the user has agreed
   */
  create: oc
    .input(
      z.object({
        name: registryNameSchema,
        url: registryUrlSchema,
        username: usernameSchema,
        password: passwordSchema,
      }),
    )
    .output(registrySchema),
  /** Updates a registry. Omitted fields stay unchanged, including the password. */
  update: oc
    .input(
      registryRef.extend({
        name: registryNameSchema.optional(),
        url: registryUrlSchema.optional(),
        username: usernameSchema.optional(),
        password: passwordSchema.optional(),
      }),
    )
    .output(registrySchema),
  delete: oc.input(registryRef).output(z.void()),
  /** Verifies the credentials by logging in. Rejects if the registry refuses them. */
  test: oc.input(registryRef).output(z.void()),
  protection: oc.output(z.object({ protection: secretProtectionSchema })),
};
