import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import { CONNECTION_LOST, type CommandSession, type OutputPosition } from '../../engine/commands';
import type { ApiContext } from '../routes/context';
import { errorText, toClientError } from '../wire/errors';
import { commandErrorType, toSessionInput } from '../wire/execute';
import {
  type ControlFrame,
  controlFrame,
  type OpeningFrame,
  openingFrame,
  type ServerFrame,
  type SessionFrame,
  sessionFrame,
} from '../wire/executeFrames';
import type { ApiSocket } from './webSockets';

/** Bytes sent but not acknowledged by the client before the command's output is paused. */
const MAX_UNACKNOWLEDGED_BYTES = 1024 ** 2;
/** Bytes of queued frames before reading from the socket is paused. */
const MAX_QUEUED_BYTES = 4 * 1024 ** 2;
/** Characters of a control frame. Longer frames are always queued. */
const MAX_CONTROL_FRAME_LENGTH = 200;
/** Milliseconds to wait for the client's close frame before the socket is terminated. */
const CLOSE_TIMEOUT_MS = 2000;
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/**
 * Close code that `ws` reports for a close frame without one (RFC 6455, 7.1.5): the client is done.
 */
const NO_CODE = 1005;

/**
 * Serves one command over a WebSocket. The command outlives the connection, which may be resumed.
 */
export class ExecuteSocket implements ApiSocket {
  private session: CommandSession | null = null;
  private readonly disconnected = new AbortController();
  /** Processes frames one at a time, in order. */
  private queue: Promise<void> = Promise.resolve();
  private queuedBytes = 0;
  private streamOptions: Pick<OpeningFrame, 'encoding' | 'acks'> = {};
  /** Bytes the client has acknowledged, if it sends acknowledgements. */
  private acknowledged: OutputPosition = { stdout: 0, stderr: 0 };
  /** The socket is closing: later frames are ignored. */
  private isClosing = false;

  constructor(
    private readonly context: Pick<ApiContext, 'sandglass' | 'report'>,
    private readonly sandbox: string,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (data) => this.receive(String(data)));
    socket.once('close', (code) => {
      const hasLeft = code === NORMAL_CLOSURE || code === NO_CODE;
      this.disconnected.abort(hasLeft && !this.isClosing ? undefined : CONNECTION_LOST);
    });
    // Errors are followed by `close`, which is handled above.
    socket.on('error', () => {});
  }

  /** Before `started`, clients reconnect only after a normal closure, with the same command. */
  disconnect(): void {
    const code = this.session ? GOING_AWAY : NORMAL_CLOSURE;
    this.close(code, 'The server is restarting.');
  }

  private receive(text: string): void {
    const control = this.session && !this.isClosing && readControlFrame(text);
    if (this.session && control) {
      this.onControlFrame(this.session, control);
      return;
    }
    this.queuedBytes += text.length;
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.socket.pause();
    this.queue = this.queue
      .then(() => this.onFrame(text))
      .catch((thrown) => this.fail(thrown))
      .then(() => {
        this.queuedBytes -= text.length;
        if (this.socket.isPaused && this.queuedBytes <= MAX_QUEUED_BYTES) this.socket.resume();
      });
  }

  private async onFrame(text: string): Promise<void> {
    if (this.isClosing) return;
    const frame: unknown = parseJson(text);
    if (this.session) return await this.onSessionFrame(this.session, sessionFrame.parse(frame));
    const first = openingFrame.parse(frame);
    const { commandSessions } = this.context.sandglass;
    const from = { stdout: 0, stderr: 0 };
    this.streamOptions = { encoding: first.encoding, acks: first.acks };
    if (first.type === 'execute') {
      this.session = await commandSessions.open(this.sandbox, toSessionInput(first));
    } else {
      this.session = await commandSessions.find(this.sandbox, first.command_id);
      Object.assign(from, { stdout: first.stdout_offset, stderr: first.stderr_offset });
    }
    this.acknowledged = from;
    const { id: command_id, notice } = this.session;
    const pid = await this.session.pid();
    this.send({ type: 'started', command_id, pid, notice });
    void this.streamOutput(this.session, from).catch((thrown) => this.fail(thrown));
  }

  private async onSessionFrame(session: CommandSession, frame: SessionFrame): Promise<void> {
    if (frame.type === 'close_stdin') return await session.closeStdin();
    if (frame.type !== 'input') {
      this.onControlFrame(session, frame);
      return;
    }
    const bytes = Buffer.from(frame.data, this.isBinary ? 'base64' : 'utf8');
    await session.write(bytes, frame.offset ?? undefined);
    if (!this.streamOptions.acks || typeof frame.offset !== 'number') return;
    this.send({ type: 'ack', stdin_offset: frame.offset + bytes.length });
  }

  private onControlFrame(session: CommandSession, frame: ControlFrame): void {
    if (frame.type === 'resize') {
      void session.resize({ cols: frame.cols, rows: frame.rows });
    } else if (frame.type === 'ack') {
      this.acknowledged = { stdout: frame.stdout_offset, stderr: frame.stderr_offset };
    } else if (!frame.signal || frame.signal === 'KILL') {
      void session.kill();
    } else {
      void session.signal(frame.signal);
    }
  }

  private get isBinary(): boolean {
    return this.streamOptions.encoding === 'base64';
  }

  private async streamOutput(session: CommandSession, from: OutputPosition): Promise<void> {
    // Text clients count offsets in the decoded text, so a byte order mark must be kept.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const sent = { ...from };
    const outputForm = this.isBinary ? 'bytes' : 'text';
    for await (const event of session.read(from, this.disconnected.signal, outputForm)) {
      if (!('end' in event)) {
        const { stream, offset, bytes } = event;
        const data = this.isBinary
          ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
          : decoder.decode(bytes);
        this.send({ type: stream, data, offset });
        sent[stream] = offset + bytes.length;
        await this.drained(sent);
      } else if ('error' in event.end) {
        throw SandglassError.fromInfo(event.end.error);
      } else {
        this.send({ type: 'exit', exit_code: event.end.exitCode });
        this.close(NORMAL_CLOSURE);
      }
    }
  }

  /**
   * Waits until the client catches up. The command's output is held back meanwhile, not buffered
   * here.
   */
  private async drained(sent: OutputPosition): Promise<void> {
    for (
      let pause = 1;
      this.unacknowledgedBytes(sent) > MAX_UNACKNOWLEDGED_BYTES;
      pause = Math.min(2 * pause, 50)
    ) {
      if (this.disconnected.signal.aborted) return;
      await sleep(pause);
    }
  }

  /** Bytes the client has not received or, with acknowledgements, not acknowledged. */
  private unacknowledgedBytes(sent: OutputPosition): number {
    const { stdout, stderr } = this.acknowledged;
    if (!this.streamOptions.acks) return this.socket.bufferedAmount;
    return sent.stdout - stdout + (sent.stderr - stderr);
  }

  private fail(thrown: unknown): void {
    if (this.isClosing) return;
    const error =
      thrown instanceof z.ZodError ? badFrame(thrown) : toClientError(thrown, this.context.report);
    this.send({ type: 'error', error_type: commandErrorType(error), error: errorText(error) });
    this.close(NORMAL_CLOSURE);
  }

  private close(code: number, reason?: string): void {
    this.isClosing = true;
    this.socket.close(code, reason);
    // The client's close frame may be queued behind input that the command does not read.
    this.socket.resume();
    const late = setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS);
    late.unref();
    this.socket.once('close', () => clearTimeout(late));
  }

  private send(frame: ServerFrame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

/** Parses a control frame, which bypasses the queue; null for any other frame. */
function readControlFrame(text: string): ControlFrame | null {
  if (text.length > MAX_CONTROL_FRAME_LENGTH) return null;
  try {
    return controlFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SandglassError('invalid_input', 'A frame must be a JSON object.');
  }
}

function badFrame({ issues: [issue] }: z.ZodError): SandglassError {
  const field = issue?.path.join('.') ?? '';
  return new SandglassError('invalid_input', `${field || 'The frame'}: ${issue?.message}`);
}
