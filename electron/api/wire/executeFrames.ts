import { z } from 'zod';
import { executeWire, terminalSide } from './execute';

/** Frames of a command's WebSocket. Fields beyond the hosted service's protocol are optional. */

const offset = z.number().int().min(0);

/** Stream options of the client. */
const streamOptions = {
  /**
   * Encoding of `data` in both directions. With base64, data is binary-safe and offsets count
   * bytes.
   */
  encoding: z.enum(['utf8', 'base64']).nullish(),
  /**
   * Enables flow control: each side acknowledges what it has processed, and the other stays within
   * a window.
   */
  acks: z.boolean().nullish(),
};

export const openingFrame = z.discriminatedUnion('type', [
  executeWire.extend({ type: z.literal('execute'), ...streamOptions }),
  z.object({
    type: z.literal('reconnect'),
    command_id: z.string().min(1).max(128),
    stdout_offset: offset.default(0),
    stderr_offset: offset.default(0),
    ...streamOptions,
  }),
]);
export type OpeningFrame = z.infer<typeof openingFrame>;

/** Signals that a client can send to a command. */
export const commandSignals = ['INT', 'TERM', 'HUP', 'KILL'] as const;
export type CommandSignal = (typeof commandSignals)[number];

/** Control frames, which are processed ahead of queued input. */
export const controlFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('kill'),
    /** Signal that the command may handle; without one, all its processes are killed. */
    signal: z.enum(commandSignals).nullish(),
  }),
  z.object({ type: z.literal('resize'), cols: terminalSide, rows: terminalSide }),
  z.object({ type: z.literal('ack'), stdout_offset: offset, stderr_offset: offset }),
]);
export type ControlFrame = z.infer<typeof controlFrame>;

export const inputFrame = z.discriminatedUnion('type', [
  /**
   * `offset`: position of the first byte in the command's input; bytes received before are skipped.
   */
  z.object({ type: z.literal('input'), data: z.string(), offset: offset.nullish() }),
  z.object({ type: z.literal('close_stdin') }),
]);

export const sessionFrame = z.discriminatedUnion('type', [controlFrame, inputFrame]);
export type SessionFrame = z.infer<typeof sessionFrame>;

/** Any frame from a client, before defaults are filled in. */
export type ClientFrame = z.input<typeof openingFrame> | z.input<typeof sessionFrame>;

export const outputStreams = ['stdout', 'stderr'] as const;
export type OutputStream = (typeof outputStreams)[number];

/** Frames from the server. `exit` and `error` are the last. */
export const serverFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    command_id: z.string(),
    /** Process id on the Docker host; 0 if the command had ended by then. */
    pid: z.number(),
    /** Notice about how the command runs, e.g. that another shell is used. */
    notice: z.string().optional(),
  }),
  z.object({
    type: z.enum(outputStreams),
    data: z.string(),
    /** Position of the first byte in the stream. */
    offset,
  }),
  /** Input up to this offset has been written to the command. */
  z.object({ type: z.literal('ack'), stdin_offset: offset }),
  z.object({ type: z.literal('exit'), exit_code: z.number() }),
  z.object({ type: z.literal('error'), error_type: z.string(), error: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;

/** Server-sent events of a command: the frames above, with base64 data and without stdin. */
export type StreamEvent =
  | Exclude<ServerFrame, { type: 'ack' }>
  /** The client has to resume from these offsets. */
  | { type: 'ack_required'; stdout_offset: number; stderr_offset: number }
  | { type: 'stream_end'; stream: OutputStream; offset: number };
