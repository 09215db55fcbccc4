import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, sandboxRefSchema, timestampSchema } from './fields';

/** A shell in a sandbox, kept by the main process: views come and go, the session stays. */
export const terminalSchema = z.object({
  id: idSchema,
  sandboxId: idSchema,
  /** The shell that was found in the sandbox, e.g. `/bin/bash`. */
  shell: z.string(),
  state: z.enum(['running', 'ended']),
  /** Null while it runs, and when the engine could not say. */
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
  /** Ends the shell if it still runs and forgets the session. */
  close: oc.input(z.object({ id: idSchema })).output(z.void()),
};
