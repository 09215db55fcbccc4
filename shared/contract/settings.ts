import { oc } from '@orpc/contract';
import { z } from 'zod';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  /** Closing the window leaves the app in the tray. */
  keepInTray: z.boolean().default(true),
  /** Pixels. */
  terminalFontSize: z.number().int().min(8).max(32).default(13),
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
        })
        .partial(),
    )
    .output(settingsSchema),
};
