import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { OutputPosition } from '../../engine/commands';
import { CONNECTION_LOST, type CommandSession } from '../../engine/commands';
import type { ApiContext } from '../routes/context';
import { commandErrorType, toSessionInput } from '../wire/execute';
import {
  type FirstFrame,
  firstFrame,
  type LaterFrame,
  laterFrame,
  type UrgentFrame,
  urgentFrame,
} from '../wire/executeFrames';
import type { ApiSocket } from './webSockets';

/** A client that reads slower than this makes its command wait; bytes. */
const MOST_BEHIND = 1024 ** 2;
/** Frames that wait for a command to read its input; past it the client waits too. Bytes. */
const MOST_WAITING = 4 * 1024 ** 2;
/** Characters. */
const MOST_URGENT = 200;
/** A client that does not answer our goodbye is let go. Milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** What `ws` tells of a close frame without a code: the client's way to say that it is done. */
const NO_CODE = 1005;

/** A command over a WebSocket, which may break and be taken up again by another one. */
export class ExecuteSocket implements ApiSocket {
  private session: CommandSession | null = null;
  private readonly gone = new AbortController();
  /** Frames are worked off one after the other, in their order. */
  private queue: Promise<void> = Promise.resolve();
  private waitingBytes = 0;
  private manner: Pick<FirstFrame, 'encoding' | 'acks'> = {};
  /** What the client has passed on, where it tells. */
  private acknowledged: OutputPosition = { stdout: 0, stderr: 0 };
  /** Over, or about to be: nothing that still comes counts. */
  private isOver = false;

  constructor(
    private readonly context: Pick<ApiContext, 'sandglass' | 'report'>,
    private readonly sandbox: string,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (data) => this.receive(String(data)));
    socket.once('close', (code) => {
      const hasLeft = code === NORMAL_CLOSURE || code === NO_CODE;
      this.gone.abort(hasLeft && !this.isOver ? undefined : CONNECTION_LOST);
    });
    // What an error means is told by the close that follows it.
    socket.on('error', () => {});
  }

  /** Before `started` the client comes back only after a normal closure, and asks for the same command. */
  leave(): void {
    const code = this.session ? GOING_AWAY : NORMAL_CLOSURE;
    this.close(code, 'The server is restarting.');
  }

  private receive(text: string): void {
    const urgent = this.session && !this.isOver && readUrgent(text);
    if (this.session && urgent) {
      this.onUrgent(this.session, urgent);
      return;
    }
    this.waitingBytes += text.length;
    if (this.waitingBytes > MOST_WAITING) this.socket.pause();
    this.queue = this.queue
      .then(() => this.onFrame(text))
      .catch((thrown) => this.fail(thrown))
      .then(() => {
        this.waitingBytes -= text.length;
        if (this.socket.isPaused && this.waitingBytes <= MOST_WAITING) this.socket.resume();
      });
  }

  private async onFrame(text: string): Promise<void> {
    if (this.isOver) return;
    const frame: unknown = parseJson(text);
    if (this.session) return await this.onLaterFrame(this.session, laterFrame.parse(frame));
    const first = firstFrame.parse(frame);
    const { commandSessions } = this.context.sandglass;
    const from = { stdout: 0, stderr: 0 };
    this.manner = { encoding: first.encoding, acks: first.acks };
    if (first.type === 'execute') {
      this.session = await commandSessions.open(this.sandbox, toSessionInput(first));
    } else {
      this.session = await commandSessions.find(this.sandbox, first.command_id);
      Object.assign(from, { stdout: first.stdout_offset, stderr: first.stderr_offset });
    }
    this.acknowledged = from;
    const { id: command_id, pid, notice } = this.session;
    this.send({ type: 'started', command_id, pid, notice });
    void this.tell(this.session, from).catch((thrown) => this.fail(thrown));
  }

  private async onLaterFrame(session: CommandSession, frame: LaterFrame): Promise<void> {
    if (frame.type === 'close_stdin') return await session.closeStdin();
    if (frame.type !== 'input') {
      this.onUrgent(session, frame);
      return;
    }
    const bytes = Buffer.from(frame.data, this.isBinary ? 'base64' : 'utf8');
    await session.write(bytes, frame.offset ?? undefined);
    if (!this.manner.acks || typeof frame.offset !== 'number') return;
    this.send({ type: 'ack', stdin_offset: frame.offset + bytes.length });
  }

  private onUrgent(session: CommandSession, frame: UrgentFrame): void {
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
    return this.manner.encoding === 'base64';
  }

  private async tell(session: CommandSession, from: OutputPosition): Promise<void> {
    // A client of text counts its offsets by the text that it gets, byte order marks and all.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const sent = { ...from };
    const form = this.isBinary ? 'bytes' : 'text';
    for await (const event of session.read(from, this.gone.signal, form)) {
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

  /** Lets a slow client catch up: the command waits meanwhile, not our memory. */
  private async drained(sent: OutputPosition): Promise<void> {
    for (let pause = 1; this.behind(sent) > MOST_BEHIND; pause = Math.min(2 * pause, 50)) {
      if (this.gone.signal.aborted) return;
      await sleep(pause);
    }
  }

  /** How many bytes the client has not taken, or, where it tells, has not passed on. */
  private behind(sent: OutputPosition): number {
    const { stdout, stderr } = this.acknowledged;
    if (!this.manner.acks) return this.socket.bufferedAmount;
    return sent.stdout - stdout + (sent.stderr - stderr);
  }

  private fail(thrown: unknown): void {
    if (this.isOver) return;
    const error = thrown instanceof z.ZodError ? badFrame(thrown) : this.told(thrown);
    const said = [error.message, error.hint].filter(Boolean).join(' ');
    this.send({ type: 'error', error_type: commandErrorType(error), error: said });
    this.close(NORMAL_CLOSURE);
  }

  /** A fault of ours is for the log alone. */
  private told(thrown: unknown): SandglassError {
    const error = toSandglassError(thrown);
    if (error.code !== 'internal') return error;
    this.context.report(thrown);
    return new SandglassError('internal', 'A fault in Sandglass. Its log has the details.');
  }

  private close(code: number, reason?: string): void {
    this.isOver = true;
    this.socket.close(code, reason);
    // The answer to the goodbye may lie behind input that nobody reads.
    this.socket.resume();
    const late = setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS);
    late.unref();
    this.socket.once('close', () => clearTimeout(late));
  }

  private send(frame: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

/** Null for what has its turn; a frame of this kind is short. */
function readUrgent(text: string): UrgentFrame | null {
  if (text.length > MOST_URGENT) return null;
  try {
    return urgentFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SandglassError('invalid_input', 'A frame is a JSON object.');
  }
}

function badFrame({ issues: [issue] }: z.ZodError): SandglassError {
  const field = issue?.path.join('.') ?? '';
  return new SandglassError('invalid_input', `${field || 'The frame'}: ${issue?.message}`);
}
