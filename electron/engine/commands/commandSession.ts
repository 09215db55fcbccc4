import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';
import type { TerminalSize } from '#shared/terminalPort';
import type { ProcessSignal } from '../docker';
import { after, wholeCharacters } from '../lib';
import type { CommandProcess } from './commandProcess';
import { ConditionVariable } from './conditionVariable';
import {
  OutputBuffer,
  type OutputCursor,
  type OutputForm,
  type OutputPart,
  type OutputPosition,
} from './outputBuffer';

export interface SessionLimits {
  /** Seconds until the command is killed; 0 for never. */
  timeoutSeconds: number;
  /** Seconds without a reader until the command is killed; -1 for never. */
  idleTimeoutSeconds: number;
  /** Kills the command when its last reader leaves or does not reconnect in time. */
  killOnDisconnect: boolean;
}

export type SessionEnd = { exitCode: number } | { error: ErrorInfo };

export type SessionEvent = OutputPart | { end: SessionEnd };

/** Abort reason of a reader that lost its connection and may reconnect. */
export const CONNECTION_LOST = Symbol('connection lost');

/** Time for which a command is blocked by absent readers; after it, old output is evicted. */
const ABSENT_READER_TIMEOUT_MS = 30_000;
/** Time to reconnect after a lost connection. The client retries after 0.5, 1, 2 and 4 s. */
const RECONNECT_TIMEOUT_SECONDS = 10;
/** Time for the rest of a killed command's output. Only an escaped process exceeds it. */
const KILL_DRAIN_MS = 2000;
/** Maximum time between two checks of a command that is blocked by its readers. */
const BLOCKED_POLL_INTERVAL_MS = 1000;
/** Exit status that a shell reports for a process killed by SIGKILL: 128 + 9 (POSIX). */
const KILLED_EXIT_CODE = 137;
const END_OF_TRANSMISSION = '\u0004';

/** A command with buffered output, independent of the connections of its readers. */
export class CommandSession {
  private readonly buffer: OutputBuffer;
  private readonly over = new AbortController();
  /** Notified of new output, evictions, and the end. */
  private readonly changed = new ConditionVariable();
  private ended: SessionEnd | null = null;
  private killedBy: 'timeout' | 'idle' | 'caller' | null = null;
  private killing: Promise<void> | null = null;
  /** Bytes of standard input received so far. */
  private inputEnd = 0;
  private processId: Promise<number> | null = null;
  readonly startedAt = Date.now();
  private readerlessSince = this.startedAt;
  private cancelTimeout = () => {};
  private cancelIdleTimeout = () => {};

  constructor(
    /** Id given by the caller. */
    readonly id: string,
    readonly command: string | string[],
    private readonly process: CommandProcess,
    private readonly limits: SessionLimits,
    /** Current limit for buffered output, in bytes. */
    maxBytes: () => number,
    private readonly onEnd: () => void,
  ) {
    this.buffer = new OutputBuffer(maxBytes);
    const { timeoutSeconds } = limits;
    if (timeoutSeconds > 0) {
      this.cancelTimeout = after(timeoutSeconds, () => void this.end('timeout'));
    }
    this.startIdleTimeout();
    void this.pump();
  }

  /**
   * Yields the output after a position, as it arrives, then the end. A slow reader slows the command
   * down.
   *
   * @throws SandglassError `capacity_exceeded` if output after the position was evicted
   */
  async *read(
    from: OutputPosition,
    signal?: AbortSignal,
    form: OutputForm = 'bytes',
  ): AsyncGenerator<SessionEvent, void, void> {
    const cursor = this.buffer.open(from, form);
    this.cancelIdleTimeout();
    try {
      while (!signal?.aborted) {
        this.refuseGap(cursor);
        const part = this.buffer.next(cursor);
        if (part) {
          this.changed.notifyAll();
          yield part;
        } else if (this.ended) {
          yield { end: this.ended };
          return;
        } else {
          await this.changed.wait(signal);
        }
      }
    } finally {
      this.buffer.close(cursor);
      this.changed.notifyAll();
      this.onReaderLeft(signal?.reason === CONNECTION_LOST);
    }
  }

  /** Process id on the daemon's host; 0 if it is unknown. */
  async pid(): Promise<number> {
    this.processId ??= this.process.pid().catch(() => 0);
    return await this.processId;
  }

  /** Note for the caller about how the command runs, separate from its output. */
  get notice(): string | undefined {
    return this.process.notice;
  }

  /** Exit code or error; null while the command runs. */
  get outcome(): SessionEnd | null {
    return this.ended;
  }

  get bufferedBytes(): number {
    return this.buffer.size;
  }

  get hasReaders(): boolean {
    return this.buffer.hasReaders;
  }

  /**
   * Writes to standard input; resolves when the command has taken the bytes. Ignored after the end of
   * the input. `offset` is the position of the first byte in the input, in bytes: bytes that a
   * reconnected client sends again are dropped.
   */
  async write(data: string | Uint8Array, offset = this.inputEnd): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const fresh = bytes.subarray(Math.max(0, this.inputEnd - offset));
    this.inputEnd += fresh.length;
    const { stdin } = this.process;
    if (this.ended || !stdin.writable || stdin.write(fresh)) return;
    const signal = this.over.signal;
    await once(stdin, 'drain', { signal }).catch(() => {});
  }

  async closeStdin(): Promise<void> {
    if (this.process.isTerminal) await this.write(END_OF_TRANSMISSION);
    else if (this.process.stdin.writable) this.process.stdin.end();
  }

  /** Sends a signal to all processes of the command; does nothing after its end. */
  async signal(signal: ProcessSignal): Promise<void> {
    if (!this.ended) await this.sendSignal(signal);
  }

  /** Changes the size of the terminal; without a terminal, does nothing. */
  async resize(size: TerminalSize): Promise<void> {
    // The command may end at the same time.
    if (!this.ended) await this.process.resize?.(size).catch(() => {});
  }

  /** Kills the command with its descendants; does nothing after its end. */
  async kill(): Promise<void> {
    await this.end('caller');
  }

  /** Evicts the output of an ended command. Its outcome is kept. */
  dropOutput(): void {
    if (this.ended) this.buffer.clear();
  }

  private async end(reason: 'timeout' | 'idle' | 'caller'): Promise<void> {
    if (this.ended) return;
    this.killedBy ??= reason;
    this.changed.notifyAll();
    this.killing = this.sendSignal('KILL');
    await this.killing;
    await sleep(KILL_DRAIN_MS, null, { signal: this.over.signal, ref: false }).catch(() => {});
    this.process.stdin.destroy();
  }

  private async sendSignal(signal: ProcessSignal): Promise<void> {
    // A process that does not exist yet would miss the signal.
    await this.pid();
    await this.process.kill(signal).catch(() => {});
  }

  private async pump(): Promise<void> {
    try {
      const end = await this.bufferOutput();
      // The output ends with the first process; its descendants must be gone before readers see the end.
      await this.killing;
      this.ended = end ?? this.endOfKilled();
    } catch (thrown) {
      this.ended = { error: toSandglassError(thrown).toInfo() };
    }
    this.cancelTimeout();
    this.cancelIdleTimeout();
    this.over.abort();
    // Pending input would otherwise wait forever for a reader.
    this.process.stdin.destroy();
    this.changed.notifyAll();
    this.onEnd();
  }

  /** Buffers the output until the command ends. Returns null if it was killed. */
  private async bufferOutput(): Promise<SessionEnd | null> {
    // Incomplete UTF-8 characters wait for their remaining bytes, because readers may request text.
    const partial = { stdout: new Uint8Array(), stderr: new Uint8Array() };
    try {
      for await (const event of this.process.output(() => this.killedBy !== null)) {
        if ('exitCode' in event) return event;
        const { stream } = event;
        const bytes =
          partial[stream].length === 0
            ? event.bytes
            : Buffer.concat([partial[stream], event.bytes]);
        const end = wholeCharacters(bytes);
        partial[stream] = new Uint8Array(bytes.subarray(end));
        await this.append(stream, bytes.subarray(0, end));
      }
      return null;
    } finally {
      await this.append('stdout', partial.stdout);
      await this.append('stderr', partial.stderr);
    }
  }

  private async append(stream: OutputPart['stream'], bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    while (this.isBlocked() && !this.killedBy) {
      await Promise.race([
        this.changed.wait(),
        sleep(BLOCKED_POLL_INTERVAL_MS, null, { ref: false }),
      ]);
    }
    // A killed command whose reader lags loses its last output instead of leaving a gap.
    if (this.killedBy && this.isBlocked()) return;
    this.buffer.append(stream, bytes);
    this.changed.notifyAll();
  }

  /** Whether more output would evict bytes that a reader has not received. */
  private isBlocked(): boolean {
    if (!this.buffer.isFull) return false;
    const isAbandoned = Date.now() >= this.readerlessSince + ABSENT_READER_TIMEOUT_MS;
    if (!this.hasReaders && isAbandoned) this.buffer.giveUpAbsentReader();
    return this.buffer.isOldestUnread;
  }

  private endOfKilled(): SessionEnd {
    const { timeoutSeconds, idleTimeoutSeconds } = this.limits;
    if (this.killedBy === 'caller') return { exitCode: KILLED_EXIT_CODE };
    const message =
      this.killedBy === 'timeout'
        ? `The command did not end within ${timeoutSeconds} s and was killed.`
        : `The command had no reader for ${idleTimeoutSeconds} s and was killed.`;
    return { error: new SandglassError('command_timeout', message).toInfo() };
  }

  private refuseGap(cursor: OutputCursor): void {
    const gap = this.buffer.gapBefore(cursor);
    if (!gap) return;
    const { stream, retainedFrom } = gap;
    throw new SandglassError(
      'capacity_exceeded',
      `The ${stream} of the command ${this.id} is no longer held before byte ${retainedFrom}.`,
      { hint: 'Continue from there, or redirect the output of the command to a file.' },
    );
  }

  private onReaderLeft(hasLostConnection: boolean): void {
    if (this.hasReaders || this.ended) return;
    this.readerlessSince = Date.now();
    const kill = () => void this.end('caller');
    if (!this.limits.killOnDisconnect) this.startIdleTimeout();
    else if (hasLostConnection) this.cancelIdleTimeout = after(RECONNECT_TIMEOUT_SECONDS, kill);
    else kill();
  }

  private startIdleTimeout(): void {
    const { idleTimeoutSeconds } = this.limits;
    if (idleTimeoutSeconds < 0) return;
    this.cancelIdleTimeout = after(idleTimeoutSeconds, () => void this.end('idle'));
  }
}
