import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, timestampSchema } from './fields';

/** A registry with a login of the user's. The password is never part of it. */
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
    'Give the address of the registry, e.g. "https://registry.example.com".',
  );
const usernameSchema = z.string().min(1, 'Give the user name.').max(256);
const passwordSchema = z.string().min(1, 'Give the password or token.').max(65_536);

/** A login that is given with a call and used for nothing else. */
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

/** A registered login and one of the call's own exclude each other; half a login is none. */
export function refuseTwoCredentials(
  { registryId, registryUrl, registryUsername, registryPassword }: CredentialFields,
  context: z.RefinementCtx,
): void {
  const isInline = registryUrl || registryUsername || registryPassword;
  if (registryId && isInline) {
    context.addIssue({
      code: 'custom',
      path: ['registryId'],
      message: 'Give either registryId or registryUrl, registryUsername and registryPassword.',
    });
  } else if (isInline && !(registryUsername && registryPassword)) {
    context.addIssue({
      code: 'custom',
      path: [registryUsername ? 'registryPassword' : 'registryUsername'],
      message: 'A login is a user name and a password.',
    });
  }
}

/** How the passwords of registered registries would be kept. */
export const secretProtectionSchema = z.enum([
  /** By the operating system's keychain. */
  'keychain',
  /** In a file that only this user can read: the system offers no keychain. */
  'file',
]);
export type SecretProtection = z.infer<typeof secretProtectionSchema>;

const registryRef = z.object({
  registry: z.string().min(1, 'Name a registry by its id or its name.').max(128),
});

export const registriesContract = {
  list: oc.output(z.array(registrySchema)),
  get: oc.input(registryRef).output(registrySchema),
  /** Refused with `secrets_unprotected` where there is no keychain and the user has not agreed. */
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
  /** What is left out stays; the password too. */
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
  /** Logs in, to see whether the registry accepts it. Resolves when it does. */
  test: oc.input(registryRef).output(z.void()),
  protection: oc.output(z.object({ protection: secretProtectionSchema })),
};
