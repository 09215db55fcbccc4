import { z } from 'zod';
import { type TerminalSize, terminalSizeSchema } from './contract/terminals';

export type { TerminalSize };

/**
 * Messages on a terminal's MessagePort. Bytes stay binary. The view acknowledges what it has
 * rendered, and the session pauses output while too much is unacknowledged.
 */

/** Bytes per acknowledgement. Below the low watermark, so that output cannot stall. */
export const ACK_STEP_BYTES = 16 * 1024;
/**
 * Watermarks for unacknowledged bytes: output pauses above the high and resumes below the low one.
 */
export const FLOW_HIGH_BYTES = 256 * 1024;
export const FLOW_LOW_BYTES = 64 * 1024;

/** From the session to a view. */
export type TerminalOutput =
  /** Screen and scrollback as escape sequences; always the first message. */
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
