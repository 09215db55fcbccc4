import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import { type CommandSession, CUT_OFF } from '../../engine/sandboxes/commandSession';
import type { OutputPosition } from '../../engine/sandboxes/outputLog';
import type { ApiContext } from '../routes/context';
import { commandErrorType, executeWire, toSessionInput } from '../wire/execute';
import type { ApiSocket } from './webSockets';

const offset = z.number().int().min(0).default(0);

/** What a client may send: first `execute` or `reconnect`, then the rest. */
const firstFrame = z.discriminatedUnion('type', [
  executeWire.extend({ type: z.literal('execute') }),
  z.object({
    type: z.literal('reconnect'),
    command_id: z.string().min(1).max(128),
    stdout_offset: offset,
    stderr_offset: offset,
  }),
]);
const laterFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), data: z.string() }),
  z.object({ type: z.literal('close_stdin') }),
  z.object({ type: z.literal('kill') }),
]);

/** A client that reads slower than this makes its command wait; bytes. */
const MOST_BEHIND = 1024 ** 2;
/** Frames that wait for a command to read its input; past it the client waits too. Bytes. */
const MOST_WAITING = 4 * 1024 ** 2;
/** A client that does not answer our goodbye is let go. Milliseconds. */
const GOODBYE_MS = 2000;
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
      this.gone.abort(hasLeft && !this.isOver ? undefined : CUT_OFF);
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
    this.waitingBytes += text.length;
    if (this.waitingBytes > MOST_WAITING) this.socket.pause();
    // It is not to wait until the command has read what was sent before.
    if (this.session && isKill(text)) void this.session.kill();
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
    if (first.type === 'execute') {
      this.session = await commandSessions.open(this.sandbox, toSessionInput(first));
    } else {
      this.session = await commandSessions.find(this.sandbox, first.command_id);
      Object.assign(from, { stdout: first.stdout_offset, stderr: first.stderr_offset });
    }
    const { id: command_id, pid, notice } = this.session;
    this.send({ type: 'started', command_id, pid, notice });
    void this.tell(this.session, from).catch((thrown) => this.fail(thrown));
  }

  private async onLaterFrame(
    session: CommandSession,
    frame: z.infer<typeof laterFrame>,
  ): Promise<void> {
    if (frame.type === 'input') await session.write(frame.data);
    else if (frame.type === 'close_stdin') await session.closeStdin();
    else void session.kill();
  }

  private async tell(session: CommandSession, from: OutputPosition): Promise<void> {
    // The client counts its offsets by the text that it gets, byte order marks and all.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const event of session.read(from, this.gone.signal, 'text')) {
      if (!('end' in event)) {
        const { stream, offset: at, bytes } = event;
        this.send({ type: stream, data: decoder.decode(bytes), offset: at });
        await this.drained();
      } else if ('error' in event.end) {
        throw SandglassError.fromInfo(event.end.error);
      } else {
        this.send({ type: 'exit', exit_code: event.end.exitCode });
        this.close(NORMAL_CLOSURE);
      }
    }
  }

  /** Lets a slow client catch up: the command waits meanwhile, not our memory. */
  private async drained(): Promise<void> {
    while (this.socket.bufferedAmount > MOST_BEHIND && !this.gone.signal.aborted) await sleep(5);
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
    const late = setTimeout(() => this.socket.terminate(), GOODBYE_MS);
    late.unref();
    this.socket.once('close', () => clearTimeout(late));
  }

  private send(frame: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

function isKill(text: string): boolean {
  return text.length < 100 && /^\s*\{\s*"type"\s*:\s*"kill"\s*\}\s*$/.test(text);
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
