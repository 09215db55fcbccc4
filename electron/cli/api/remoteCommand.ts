import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type WebSocket from 'ws';
import type { RawData } from 'ws';
import type { TerminalSize } from '#shared/contract/terminals';
import {
  type ClientFrame,
  type CommandSignal,
  type OutputStream,
  type ServerFrame,
  serverFrame,
} from '../../api/wire/executeFrames';
import { exitCodes, Failure } from '../failure';
import { type ApiClient, segment, unreachable, wrongKey } from './client';
import { CommandInput, type InputChunk } from './commandInput';

/** Consumes output. Further output is held back until the promise resolves. */
export type OutputReader = (stream: OutputStream, bytes: Buffer) => Promise<void>;

/** Parameters of a command. Omitted ones are those of the sandbox. */
export interface CommandRequest {
  /** A shell command line, or an argument vector that is run without a shell. */
  command: string | string[];
  shell?: string;
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
  /** Seconds; 0 for no timeout. */
  timeoutSeconds: number;
  /** Kills the command when its last client disconnects. */
  killOnDisconnect: boolean;
  hasInput: boolean;
  /** Seconds for which the output is retained after the command has ended. */
  ttlSeconds?: number;
  /** Size of the pseudo-terminal; without one, stdout and stderr are separate. */
  terminal?: TerminalSize;
}

/** Milliseconds before each reconnection attempt. */
const RECONNECT_DELAYS_MS = [100, 300, 600, 1500, 3000];

/**
 * A command in a sandbox, with flow control in both directions. Reconnects after a lost connection
 * without losing or repeating data.
 */
export class RemoteCommand {
  /** Resolves with the exit code. Rejects with a Failure if there is none. */
  readonly ended: Promise<number>;
  private settle: { resolve(code: number): void; reject(thrown: unknown): void } | null = null;
  private socket: WebSocket | null = null;
  private hasStarted = false;
  private hasEnded = false;
  /** Bytes received, and bytes consumed by `onOutput`, per stream. */
  private readonly received = { stdout: 0, stderr: 0 };
  private readonly delivered = { stdout: 0, stderr: 0 };
  private delivery: Promise<void> = Promise.resolve();
  private readonly input = new CommandInput((chunk) => this.sendInput(chunk));
  private isInputClosed = false;
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
    const openingFrame = {
      type: 'execute' as const,
      command_id: id,
      command: request.command,
      shell: request.shell,
      env: request.env,
      cwd: request.cwd,
      run_config: request.user ? { user: request.user } : undefined,
      timeout_seconds: request.timeoutSeconds,
      idle_timeout_seconds: -1,
      kill_on_disconnect: request.killOnDisconnect,
      ttl_seconds: request.ttlSeconds,
      close_stdin: !request.hasInput,
      pty: terminal !== undefined,
      ...terminal,
      ...extensions,
    };
    return new RemoteCommand(api, box, id, openingFrame, onOutput);
  }

  /** Attaches to a running command. Output starts with what is still retained. */
  static reattach(api: ApiClient, box: string, id: string, onOutput: OutputReader): RemoteCommand {
    return new RemoteCommand(api, box, id, null, onOutput);
  }

  private constructor(
    private readonly api: ApiClient,
    private readonly box: string,
    readonly id: string,
    /** Null when attaching to a running command. */
    private readonly openingFrame: ClientFrame | null,
    private readonly onOutput: OutputReader,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.ended.catch(() => {}).finally(() => this.close());
    void this.stayConnected().catch((thrown) => this.fail(thrown));
  }

  /** Resolves when the command is running. Rejects as `ended` does. */
  async started(): Promise<void> {
    if (this.hasStarted) return;
    const ready = new Promise<void>((resolve) => this.onReady.push(resolve));
    await Promise.race([ready, this.ended]);
  }

  get isRunning(): boolean {
    return this.hasStarted && !this.hasEnded;
  }

  /** Writes to standard input. Resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.input.write(bytes);
  }

  closeInput(): void {
    this.isInputClosed = true;
    if (this.hasStarted) this.send({ type: 'close_stdin' });
  }

  /** Sends a signal to all processes of the command. */
  signal(signal: CommandSignal): void {
    this.send(signal === 'KILL' ? { type: 'kill' } : { type: 'kill', signal });
  }

  resize(size: TerminalSize): void {
    this.send({ type: 'resize', ...size });
  }

  /** Disconnects. The command continues unless it was started with `killOnDisconnect`. */
  close(): void {
    this.hasEnded = true;
    this.socket?.close();
    this.input.close();
  }

  private async stayConnected(): Promise<void> {
    let failures = 0;
    while (!this.hasEnded) {
      const before = this.received.stdout + this.received.stderr;
      const connectionError = await this.connection();
      if (this.hasEnded) return;
      if (!this.hasStarted && connectionError) throw connectionError;
      if (this.received.stdout + this.received.stderr > before) failures = 0;
      const delay = RECONNECT_DELAYS_MS[failures];
      if (delay === undefined) {
        throw new Failure('Lost the connection to Sandglass and could not reconnect.');
      }
      failures += 1;
      await sleep(delay);
    }
  }

  /** Runs one connection until it closes. Resolves with the error if it could not be opened. */
  private async connection(): Promise<unknown> {
    const socket = this.api.socket(`/${segment(this.box)}/execute/ws`);
    this.socket = socket;
    let connectionError: unknown = null;
    socket.on('error', (thrown) => {
      connectionError = unreachable(thrown) ?? thrown;
    });
    socket.on('unexpected-response', (request, response) => {
      connectionError = refusedUpgrade(response.statusCode ?? 0);
      request.destroy();
      socket.terminate();
    });
    socket.on('open', () => {
      const { stdout, stderr } = this.received;
      const reconnectFrame = {
        type: 'reconnect' as const,
        command_id: this.id,
        stdout_offset: stdout,
        stderr_offset: stderr,
        ...extensions,
      };
      this.send(this.openingFrame && !this.hasStarted ? this.openingFrame : reconnectFrame);
    });
    socket.on('message', (data) => this.onMessage(data));
    await once(socket, 'close');
    return connectionError;
  }

  private onMessage(data: RawData): void {
    const parsed = serverFrame.safeParse(JSON.parse(String(data)));
    // Ignores frames of later versions.
    if (parsed.success) this.onFrame(parsed.data);
  }

  private onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'started':
        this.hasStarted = true;
        for (const resolve of this.onReady.splice(0)) resolve();
        this.input.resend();
        if (this.isInputClosed) this.send({ type: 'close_stdin' });
        return;
      case 'ack':
        this.input.acknowledge(frame.stdin_offset);
        return;
      case 'stdout':
      case 'stderr':
        this.deliver(frame.type, Buffer.from(frame.data, 'base64'), frame.offset);
        return;
      case 'exit':
        this.hasEnded = true;
        this.delivery = this.delivery.then(() => this.settle?.resolve(frame.exit_code));
        return;
      case 'error':
        this.hasEnded = true;
        this.delivery = this.delivery.then(() =>
          this.settle?.reject(
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
          this.delivered[stream] = offset + bytes.length;
          const { stdout, stderr } = this.delivered;
          this.send({ type: 'ack', stdout_offset: stdout, stderr_offset: stderr });
        },
        (thrown) => this.fail(thrown),
      );
  }

  private sendInput({ offset, bytes }: InputChunk): void {
    if (!this.hasStarted) return;
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    this.send({ type: 'input', data, offset });
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === this.socket?.OPEN) this.socket?.send(JSON.stringify(frame));
  }

  private fail(thrown: unknown): void {
    this.hasEnded = true;
    this.settle?.reject(thrown);
  }
}

/** Protocol extensions that this client uses. */
const extensions = { encoding: 'base64', acks: true } as const;

function refusedUpgrade(status: number): Failure {
  if (status === 401) return wrongKey();
  return new Failure(`Sandglass refused the connection with status ${status}.`);
}
