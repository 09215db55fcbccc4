import { z } from 'zod';
import { type TerminalSize, terminalSizeSchema } from './contract/terminals';

export type { TerminalSize };

/**
 * What travels over a terminal's own MessagePort. Bytes stay binary; the view acknowledges what it
 * has drawn, and the session pauses the shell's output while too much is unacknowledged.
 */

/** Acknowledge in steps of this many bytes; below the low mark, so that it can never stall. */
export const ACK_STEP_BYTES = 16 * 1024;
/** Output pauses above the high mark and resumes below the low one (bytes not yet drawn). */
export const FLOW_HIGH_BYTES = 256 * 1024;
export const FLOW_LOW_BYTES = 64 * 1024;

/** From the session to a view. */
export type TerminalOutput =
  /** The screen and scrollback so far, as escape sequences; always the first message. */
  | { type: 'replay'; screen: string; cols: number; rows: number }
  | { type: 'output'; bytes: Uint8Array }
  | { type: 'ended'; exitCode: number | null };

/** From a view to the session. */
export const terminalInputSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), bytes: z.instanceof(Uint8Array) }),
  z.object({ type: z.literal('resize'), ...terminalSizeSchema.shape }),
  z.object({ type: z.literal('ack'), bytes: z.number().int().min(0) }),
]);
export type TerminalInput = z.infer<typeof terminalInputSchema>;
