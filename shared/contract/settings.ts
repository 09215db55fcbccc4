import { oc } from '@orpc/contract';
import { z } from 'zod';
import { imageReferenceSchema } from './fields';
import { defaultSettings } from './schemas/defaultSettings';

export const apiPortSchema = z
  .number()
  .int('A port must be a whole number.')
  .min(0, 'A port must be from 1 to 65535, or 0 for any free port.')
  .max(65_535, 'A port must be from 1 to 65535, or 0 for any free port.');

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default(defaultSettings.theme),
  /** Closing the window hides it to the tray. */
  keepInTray: z.boolean().default(defaultSettings.keepInTray),
  /** CSS pixels. */
  terminalFontSize: z.number().int().min(8).max(32).default(defaultSettings.terminalFontSize),
  /** Image of new sandboxes without a snapshot. */
  defaultImage: imageReferenceSchema.default(defaultSettings.defaultImage),
  /** Index snapshots in the background, for pictures, contents and search. */
  lookInside: z.boolean().default(defaultSettings.lookInside),
  /** Serve the hosted service's API on this computer. */
  apiEnabled: z.boolean().default(defaultSettings.apiEnabled),
  /** 0: any free port. */
  apiPort: apiPortSchema.default(defaultSettings.apiPort),
  /** The user has agreed to store passwords without a keychain. */
  storeSecretsUnprotected: z.boolean().default(defaultSettings.storeSecretsUnprotected),
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
