import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { CommandSession } from '../../engine/sandboxes/commandSession';
import type { OutputPosition } from '../../engine/sandboxes/outputLog';
import type { Sandglass } from '../../engine/sandglass';
import { executeWire, toSessionInput } from '../wire/execute';
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
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;

/** A command over a WebSocket, which may break and be taken up again by another one. */
export class ExecuteSocket implements ApiSocket {
  private session: CommandSession | null = null;
  private readonly gone = new AbortController();
  /** Frames are worked off one after the other, in their order. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly sandglass: Sandglass,
    private readonly sandbox: string,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (data) => {
      this.queue = this.queue
        .then(() => this.onFrame(String(data)))
        .catch((thrown) => this.fail(thrown));
    });
    socket.once('close', () => this.gone.abort());
    // What an error means is told by the close that follows it.
    socket.on('error', () => {});
  }

  leave(): void {
    this.socket.close(GOING_AWAY, 'The server is restarting.');
  }

  private async onFrame(text: string): Promise<void> {
    const frame: unknown = parseJson(text);
    if (this.session) return this.onLaterFrame(this.session, laterFrame.parse(frame));
    const first = firstFrame.parse(frame);
    const { commandSessions } = this.sandglass;
    const from = { stdout: 0, stderr: 0 };
    if (first.type === 'execute') {
      this.session = await commandSessions.open(this.sandbox, toSessionInput(first));
    } else {
      this.session = await commandSessions.find(this.sandbox, first.command_id);
      Object.assign(from, { stdout: first.stdout_offset, stderr: first.stderr_offset });
    }
    this.send({ type: 'started', command_id: this.session.id, pid: this.session.pid });
    void this.tell(this.session, from).catch((thrown) => this.fail(thrown));
  }

  private onLaterFrame(session: CommandSession, frame: z.infer<typeof laterFrame>): void {
    if (frame.type === 'input') session.write(frame.data);
    else if (frame.type === 'close_stdin') session.closeStdin();
    else void session.kill();
  }

  private async tell(session: CommandSession, from: OutputPosition): Promise<void> {
    const decoder = new TextDecoder();
    for await (const event of session.read(from, this.gone.signal)) {
      if (!('end' in event)) {
        const { stream, offset: at, bytes } = event;
        this.send({ type: stream, data: decoder.decode(bytes), offset: at });
        await this.drained();
      } else if ('error' in event.end) {
        throw SandglassError.fromInfo(event.end.error);
      } else {
        this.send({ type: 'exit', exit_code: event.end.exitCode });
        this.socket.close(NORMAL_CLOSURE);
      }
    }
  }

  /** Lets a slow client catch up: the command waits meanwhile, not our memory. */
  private async drained(): Promise<void> {
    while (this.socket.bufferedAmount > MOST_BEHIND && !this.gone.signal.aborted) await sleep(5);
  }

  private fail(thrown: unknown): void {
    const error = thrown instanceof z.ZodError ? badFrame(thrown) : toSandglassError(thrown);
    const said = [error.message, error.hint].filter(Boolean).join(' ');
    this.send({ type: 'error', error_type: errorType(error), error: said });
    this.socket.close(NORMAL_CLOSURE);
  }

  private send(frame: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
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

/** The types that the client knows; every other one is an error of the command. */
function errorType({ code }: SandglassError): string {
  if (code === 'command_timeout') return 'CommandTimeout';
  if (code === 'not_found') return 'CommandNotFound';
  if (code === 'interrupted') return 'SessionExpired';
  return 'CommandError';
}
