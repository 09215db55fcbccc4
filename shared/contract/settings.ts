import { oc } from '@orpc/contract';
import { z } from 'zod';
import { imageReferenceSchema } from './fields';
import { defaultSettings } from './schemas/defaultSettings';

export const apiPortSchema = z
  .number()
  .int('A port is a whole number.')
  .min(0, 'A port is from 1 to 65535, or 0 for any free one.')
  .max(65_535, 'A port is from 1 to 65535, or 0 for any free one.');

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default(defaultSettings.theme),
  /** Closing the window leaves the app in the tray. */
  keepInTray: z.boolean().default(defaultSettings.keepInTray),
  /** Pixels. */
  terminalFontSize: z.number().int().min(8).max(32).default(defaultSettings.terminalFontSize),
  /** What a sandbox boots from when no snapshot is named. */
  defaultImage: imageReferenceSchema.default(defaultSettings.defaultImage),
  /** Look into snapshots in the background: their pictures, contents and the search need it. */
  lookInside: z.boolean().default(defaultSettings.lookInside),
  /** Serve the hosted service's API on this computer. */
  apiEnabled: z.boolean().default(defaultSettings.apiEnabled),
  /** 0: any free one. */
  apiPort: apiPortSchema.default(defaultSettings.apiPort),
  /** The user agreed to passwords being stored where the system has no keychain. */
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
