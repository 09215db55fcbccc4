import { oc } from '@orpc/contract';
import { z } from 'zod';
import { imageReferenceSchema } from './fields';

/** "SAND" on a telephone; nobody has registered it (IANA). */
export const DEFAULT_API_PORT = 7263;

export const apiPortSchema = z
  .number()
  .int('A port is a whole number.')
  .min(0, 'A port is from 1 to 65535, or 0 for any free one.')
  .max(65_535, 'A port is from 1 to 65535, or 0 for any free one.');

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  /** Closing the window leaves the app in the tray. */
  keepInTray: z.boolean().default(true),
  /** Pixels. */
  terminalFontSize: z.number().int().min(8).max(32).default(13),
  /** What a sandbox boots from when no snapshot is named. */
  defaultImage: imageReferenceSchema.default('python:3.12-slim'),
  /** Look into snapshots in the background: their pictures, contents and the search need it. */
  lookInside: z.boolean().default(true),
  /** Serve the hosted service's API on this computer. */
  apiEnabled: z.boolean().default(true),
  /** 0: any free one. */
  apiPort: apiPortSchema.default(DEFAULT_API_PORT),
  /** The user agreed to passwords being stored where the system has no keychain. */
  storeSecretsUnprotected: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsContract = {
  get: oc.output(settingsSchema),
  update: oc
    .input(
      z
        .object({
          theme: z.enum(['system', 'dark', 'light']),
          keepInTray: z.boolean(),
          terminalFontSize: z.number().int().min(8).max(32),
          defaultImage: imageReferenceSchema,
          lookInside: z.boolean(),
          apiEnabled: z.boolean(),
          apiPort: apiPortSchema,
          storeSecretsUnprotected: z.boolean(),
        })
        .partial(),
    )
    .output(settingsSchema),
};
