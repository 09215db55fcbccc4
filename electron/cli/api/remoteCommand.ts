import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type WebSocket from 'ws';
import type { RawData } from 'ws';
import { z } from 'zod';
import { exitCodes, Failure } from '../failure';
import { type ApiClient, segment, unreachable, wrongKey } from './client';

export type OutputStream = 'stdout' | 'stderr';
export type CommandSignal = 'INT' | 'TERM' | 'HUP' | 'KILL';

/** Takes output; what comes next waits until it has. */
export type OutputReader = (stream: OutputStream, bytes: Buffer) => Promise<void>;

export interface TerminalSize {
  cols: number;
  rows: number;
}

/** A command as the API takes it; what is left out is the sandbox's own. */
export interface CommandRequest {
  /** A line for the shell, or a vector that needs none. */
  command: string | string[];
  shell?: string;
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
  /** Seconds; 0 for no end. */
  timeoutSeconds: number;
  /** It ends with its reader. */
  killOnDisconnect: boolean;
  hasInput: boolean;
  /** What it has said can be read so long after its end; seconds. */
  keepSeconds?: number;
  /** On a pseudo-terminal of that size. */
  terminal?: TerminalSize;
}

/** So much may be under way in either direction before the other end has taken it; bytes. */
const WINDOW = 1024 ** 2;
const PIECE = 64 * 1024;
/** Milliseconds until each attempt to come back. */
const COME_BACK_AFTER = [100, 300, 600, 1500, 3000];

const frameFromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), command_id: z.string() }),
  z.object({ type: z.enum(['stdout', 'stderr']), data: z.string(), offset: z.number() }),
  z.object({ type: z.literal('ack'), stdin_offset: z.number() }),
  z.object({ type: z.literal('exit'), exit_code: z.number() }),
  z.object({ type: z.literal('error'), error_type: z.string(), error: z.string() }),
]);
type ServerFrame = z.infer<typeof frameFromServer>;

/**
 * A command in a sandbox: its bytes in both directions, at the pace of who takes them. A connection
 * that breaks is made again, and nothing is lost or comes twice.
 */
export class RemoteCommand {
  /** Its exit code. Rejects with a Failure when there is none. */
  readonly ended: Promise<number>;
  private end: { resolve(code: number): void; reject(thrown: unknown): void } | null = null;
  private socket: WebSocket | null = null;
  private hasStarted = false;
  private isOver = false;
  /** What has come, and what has been passed on, in bytes of each stream. */
  private readonly received = { stdout: 0, stderr: 0 };
  private readonly passedOn = { stdout: 0, stderr: 0 };
  private delivery: Promise<void> = Promise.resolve();
  /** Input that the command has not taken yet, in pieces by where they begin in its stream. */
  private readonly pending: Array<{ offset: number; bytes: Uint8Array }> = [];
  private pendingBytes = 0;
  private inputEnd = 0;
  private isInputOver = false;
  private onRoom: Array<() => void> = [];
  private onReady: Array<() => void> = [];

  /** Starts a command. */
  static execute(
    api: ApiClient,
    box: string,
    request: CommandRequest,
    onOutput: OutputReader,
  ): RemoteCommand {
    const id = crypto.randomUUID();
    const { terminal } = request;
    const first = {
      type: 'execute',
      command_id: id,
      command: request.command,
      shell: request.shell,
      env: request.env,
      cwd: request.cwd,
      run_config: request.user ? { user: request.user } : undefined,
      timeout_seconds: request.timeoutSeconds,
      idle_timeout_seconds: -1,
      kill_on_disconnect: request.killOnDisconnect,
      ttl_seconds: request.keepSeconds,
      close_stdin: !request.hasInput,
      pty: terminal !== undefined,
      ...terminal,
      ...extensions,
    };
    return new RemoteCommand(api, box, id, first, onOutput);
  }

  /** Goes on with a command that was started before, from what is still kept of its output. */
  static reattach(api: ApiClient, box: string, id: string, onOutput: OutputReader): RemoteCommand {
    return new RemoteCommand(api, box, id, null, onOutput);
  }

  private constructor(
    private readonly api: ApiClient,
    private readonly box: string,
    readonly id: string,
    /** Null for one that runs already. */
    private readonly first: object | null,
    private readonly onOutput: OutputReader,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.end = { resolve, reject };
    });
    this.ended.catch(() => {}).finally(() => this.close());
    void this.stayConnected().catch((thrown) => this.fail(thrown));
  }

  /** Resolves when the command runs. Rejects as `ended` does. */
  async started(): Promise<void> {
    if (this.hasStarted) return;
    const ready = new Promise<void>((resolve) => this.onReady.push(resolve));
    await Promise.race([ready, this.ended]);
  }

  get isRunning(): boolean {
    return this.hasStarted && !this.isOver;
  }

  /** Bytes for its standard input. Resolves when more may come. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isOver; at += PIECE) {
      const piece = { offset: this.inputEnd, bytes: bytes.subarray(at, at + PIECE) };
      this.inputEnd += piece.bytes.length;
      this.pending.push(piece);
      this.pendingBytes += piece.bytes.length;
      if (this.hasStarted) this.sendInput(piece);
      while (this.pendingBytes >= WINDOW && !this.isOver) {
        await new Promise<void>((resolve) => this.onRoom.push(resolve));
      }
    }
  }

  closeInput(): void {
    this.isInputOver = true;
    if (this.hasStarted) this.send({ type: 'close_stdin' });
  }

  /** All its processes get the signal. */
  signal(signal: CommandSignal): void {
    this.send(signal === 'KILL' ? { type: 'kill' } : { type: 'kill', signal });
  }

  resize(size: TerminalSize): void {
    this.send({ type: 'resize', ...size });
  }

  /** Leaves it, with the connection. */
  close(): void {
    this.isOver = true;
    this.socket?.close();
    for (const resolve of this.onRoom.splice(0)) resolve();
  }

  private async stayConnected(): Promise<void> {
    let failures = 0;
    while (!this.isOver) {
      const before = this.received.stdout + this.received.stderr;
      const fault = await this.connection();
      if (this.isOver) return;
      if (!this.hasStarted && fault) throw fault;
      if (this.received.stdout + this.received.stderr > before) failures = 0;
      const delay = COME_BACK_AFTER[failures];
      if (delay === undefined) {
        throw new Failure('The connection to Sandglass is lost, and the command with it.');
      }
      failures += 1;
      await sleep(delay);
    }
  }

  /** One connection from its start to its end; what was wrong when it never came about. */
  private async connection(): Promise<unknown> {
    const socket = this.api.socket(`/${segment(this.box)}/execute/ws`);
    this.socket = socket;
    let fault: unknown = null;
    socket.on('error', (thrown) => {
      fault = unreachable(thrown) ?? thrown;
    });
    socket.on('unexpected-response', (request, response) => {
      fault = refusedUpgrade(response.statusCode ?? 0);
      request.destroy();
      socket.terminate();
    });
    socket.on('open', () => {
      const { stdout, stderr } = this.received;
      const again = {
        type: 'reconnect',
        command_id: this.id,
        stdout_offset: stdout,
        stderr_offset: stderr,
        ...extensions,
      };
      this.send(this.first && !this.hasStarted ? this.first : again);
    });
    socket.on('message', (data) => this.onMessage(data));
    await once(socket, 'close');
    return fault;
  }

  private onMessage(data: RawData): void {
    const parsed = frameFromServer.safeParse(JSON.parse(String(data)));
    // A frame of a later version.
    if (parsed.success) this.onFrame(parsed.data);
  }

  private onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'started':
        this.hasStarted = true;
        for (const resolve of this.onReady.splice(0)) resolve();
        // What the command has not taken, it may have got: it knows by the offset.
        for (const piece of this.pending) this.sendInput(piece);
        if (this.isInputOver) this.send({ type: 'close_stdin' });
        return;
      case 'ack':
        this.onTaken(frame.stdin_offset);
        return;
      case 'stdout':
      case 'stderr':
        this.deliver(frame.type, Buffer.from(frame.data, 'base64'), frame.offset);
        return;
      case 'exit':
        this.isOver = true;
        this.delivery = this.delivery.then(() => this.end?.resolve(frame.exit_code));
        return;
      case 'error':
        this.isOver = true;
        this.delivery = this.delivery.then(() =>
          this.end?.reject(
            new Failure(frame.error, {
              type: frame.error_type,
              exitCode: frame.error_type === 'CommandTimeout' ? exitCodes.timedOut : undefined,
            }),
          ),
        );
    }
  }

  private deliver(stream: OutputStream, bytes: Buffer, offset: number): void {
    this.received[stream] = offset + bytes.length;
    this.delivery = this.delivery
      .then(() => this.onOutput(stream, bytes))
      .then(
        () => {
          this.passedOn[stream] = offset + bytes.length;
          const { stdout, stderr } = this.passedOn;
          this.send({ type: 'ack', stdout_offset: stdout, stderr_offset: stderr });
        },
        (thrown) => this.fail(thrown),
      );
  }

  private onTaken(upTo: number): void {
    for (;;) {
      const [oldest] = this.pending;
      if (!oldest || oldest.offset + oldest.bytes.length > upTo) break;
      this.pending.shift();
      this.pendingBytes -= oldest.bytes.length;
    }
    for (const resolve of this.onRoom.splice(0)) resolve();
  }

  private sendInput({ offset, bytes }: { offset: number; bytes: Uint8Array }): void {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    this.send({ type: 'input', data, offset });
  }

  private send(frame: object): void {
    if (this.socket?.readyState === this.socket?.OPEN) this.socket?.send(JSON.stringify(frame));
  }

  private fail(thrown: unknown): void {
    this.isOver = true;
    this.end?.reject(thrown);
  }
}

/** What this client asks for beside the hosted service's protocol. */
const extensions = { encoding: 'base64', acks: true };

function refusedUpgrade(status: number): Failure {
  if (status === 401) return wrongKey();
  return new Failure(`Sandglass refused the connection with status ${status}.`);
}
