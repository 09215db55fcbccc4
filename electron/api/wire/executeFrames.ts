import { z } from 'zod';
import { executeWire, terminalSide } from './execute';

/** What a client may say over a command's WebSocket. What the hosted service lacks is optional. */

const offset = z.number().int().min(0);

/** How both ends speak. */
const manner = {
  /** Of `data`, both ways: with base64 the bytes arrive as they are, and offsets count them. */
  encoding: z.enum(['utf8', 'base64']).nullish(),
  /** Each end tells what it has passed on, and neither is more than a window ahead of the other. */
  acks: z.boolean().nullish(),
};

export const firstFrame = z.discriminatedUnion('type', [
  executeWire.extend({ type: z.literal('execute'), ...manner }),
  z.object({
    type: z.literal('reconnect'),
    command_id: z.string().min(1).max(128),
    stdout_offset: offset.default(0),
    stderr_offset: offset.default(0),
    ...manner,
  }),
]);
export type FirstFrame = z.infer<typeof firstFrame>;

/** These do not wait until the command has read what was sent before. */
export const urgentFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('kill'),
    /** One that the command may handle; without it nothing of the command is left. */
    signal: z.enum(['INT', 'TERM', 'HUP', 'KILL']).nullish(),
  }),
  z.object({ type: z.literal('resize'), cols: terminalSide, rows: terminalSide }),
  z.object({ type: z.literal('ack'), stdout_offset: offset, stderr_offset: offset }),
]);
export type UrgentFrame = z.infer<typeof urgentFrame>;

export const inputFrame = z.discriminatedUnion('type', [
  /** `offset`: of the first byte in the command's input; what has come already is left out. */
  z.object({ type: z.literal('input'), data: z.string(), offset: offset.nullish() }),
  z.object({ type: z.literal('close_stdin') }),
]);

export const laterFrame = z.discriminatedUnion('type', [urgentFrame, inputFrame]);
export type LaterFrame = z.infer<typeof laterFrame>;
