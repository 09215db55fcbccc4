import { oc } from '@orpc/contract';
import { z } from 'zod';
import { imageReferenceSchema } from './fields';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  /** Closing the window leaves the app in the tray. */
  keepInTray: z.boolean().default(true),
  /** Pixels. */
  terminalFontSize: z.number().int().min(8).max(32).default(13),
  /** What a sandbox boots from when no snapshot is named. */
  defaultImage: imageReferenceSchema.default('python:3.12-slim'),
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
          storeSecretsUnprotected: z.boolean(),
        })
        .partial(),
    )
    .output(settingsSchema),
};
