import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, sandboxRefSchema, timestampSchema } from './fields';

/** Shell in a sandbox. The session belongs to the main process and outlives its views. */
export const terminalSchema = z.object({
  id: idSchema,
  sandboxId: idSchema,
  /** Shell found in the sandbox, e.g. `/bin/bash`. */
  shell: z.string(),
  state: z.enum(['running', 'ended']),
  /** Null while it runs, and if the exit code is unknown. */
  exitCode: z.number().int().nullable(),
  openedAt: timestampSchema,
});
export type Terminal = z.infer<typeof terminalSchema>;

const dimensionSchema = z.number().int().min(1).max(1000);
export const terminalSizeSchema = z.object({ cols: dimensionSchema, rows: dimensionSchema });
export type TerminalSize = z.infer<typeof terminalSizeSchema>;

export const terminalsContract = {
  list: oc.output(z.array(terminalSchema)),
  open: oc.input(terminalSizeSchema.extend({ sandbox: sandboxRefSchema })).output(terminalSchema),
  /** Ends the shell if it is running and removes the session. */
  close: oc.input(z.object({ id: idSchema })).output(z.void()),
};
