import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';
import { wholeCharacters } from '../terminals/utf8Boundary';
import type { CommandOutput } from './commandOutput';
import { KILLED_EXIT_CODE } from './commands';
import { OutputLog, type OutputPart, type OutputPosition } from './outputLog';

/** A command under way, as Docker runs it. */
export interface SessionProcess {
  stdin: Duplex;
  /** Asked with whether it was ended from outside: then it has no exit code. */
  output(isEnded: () => boolean): AsyncIterable<CommandOutput>;
  /** Ends it with all that it has started. */
  kill(): Promise<void>;
  isTerminal: boolean;
  /** As the daemon's host counts it; 0 where it was over at once. */
  pid: number;
}

export interface SessionLimits {
  /** Seconds until it is killed; 0 for never. */
  timeoutSeconds: number;
  /** Seconds without a reader until it is killed; -1 for never. */
  idleTimeoutSeconds: number;
  killOnDisconnect: boolean;
}

export type SessionEnd = { exitCode: number } | { error: ErrorInfo };

export type SessionEvent = OutputPart | { end: SessionEnd };

/** Of a command's output this much is kept for readers that come back; bytes. */
const KEPT_BYTES = 16 * 1024 ** 2;
/** A command waits this long for a reader that is away or slow; then old output is dropped. Milliseconds. */
const PATIENCE_MS = 30_000;
const END_OF_TRANSMISSION = '\u0004';

/** One command, which goes on while its readers come and go. */
export class CommandSession {
  private readonly log = new OutputLog(KEPT_BYTES);
  /** For each reader the number of the part that it reads next. */
  private readonly readers = new Map<symbol, number>();
  private waiting: Array<() => void> = [];
  private ended: SessionEnd | null = null;
  private killedBy: 'timeout' | 'idle' | 'caller' | null = null;
  private timer: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly id: string,
    private readonly process: SessionProcess,
    private readonly limits: SessionLimits,
    private readonly onEnd: () => void,
  ) {
    const { timeoutSeconds } = limits;
    if (timeoutSeconds > 0) {
      this.timer = setTimeout(() => void this.end('timeout'), timeoutSeconds * 1000);
    }
    this.startIdling();
    void this.pump();
  }

  /**
   * Everything after a position, as it comes, then the end. A reader that asks slowly makes the command
   * slow; one that stops asking is taken for gone.
   */
  async *read(
    from: OutputPosition,
    signal?: AbortSignal,
  ): AsyncGenerator<SessionEvent, void, void> {
    const reader = Symbol('reader');
    let next = this.log.numberAt(from);
    this.readers.set(reader, next);
    clearTimeout(this.idleTimer);
    try {
      while (!signal?.aborted) {
        const found = this.log.read(next);
        if (found) {
          next = found.number + 1;
          this.readers.set(reader, next);
          this.wake();
          const part = after(found.part, from);
          if (part.bytes.length > 0) yield part;
        } else if (this.ended) {
          yield { end: this.ended };
          return;
        } else {
          await this.change(signal);
        }
      }
    } finally {
      this.readers.delete(reader);
      this.wake();
      this.onReaderGone();
    }
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Bytes for its standard input; what comes after its end is dropped. */
  write(data: string): void {
    if (!this.ended && this.process.stdin.writable) this.process.stdin.write(data);
  }

  closeStdin(): void {
    if (this.process.isTerminal) this.write(END_OF_TRANSMISSION);
    else if (this.process.stdin.writable) this.process.stdin.end();
  }

  /** Ends it with all that it has started. Ended already is fine. */
  async kill(): Promise<void> {
    await this.end('caller');
  }

  private async end(why: 'timeout' | 'idle' | 'caller'): Promise<void> {
    if (this.ended) return;
    this.killedBy ??= why;
    await this.process.kill().catch(() => {});
    this.process.stdin.destroy();
  }

  private async pump(): Promise<void> {
    // A character that is not whole yet waits for its rest: readers get text.
    let end: SessionEnd | null = null;
    const rest = { stdout: new Uint8Array(), stderr: new Uint8Array() };
    try {
      for await (const event of this.process.output(() => this.killedBy !== null)) {
        if (event.type === 'exit') {
          end = { exitCode: event.exitCode };
          break;
        }
        const name = event.type;
        const bytes =
          rest[name].length === 0 ? event.bytes : Buffer.concat([rest[name], event.bytes]);
        const whole = wholeCharacters(bytes);
        rest[name] = new Uint8Array(bytes.subarray(whole));
        if (whole === 0) continue;
        await this.room();
        this.log.append(name, bytes.subarray(0, whole));
        this.wake();
      }
      for (const name of ['stdout', 'stderr'] as const) {
        if (rest[name].length > 0) this.log.append(name, rest[name]);
      }
      this.ended = end ?? this.endByKill();
    } catch (thrown) {
      this.ended = { error: toSandglassError(thrown).toInfo() };
    }
    clearTimeout(this.timer);
    clearTimeout(this.idleTimer);
    this.wake();
    this.onEnd();
  }

  private endByKill(): SessionEnd {
    const { timeoutSeconds, idleTimeoutSeconds } = this.limits;
    if (this.killedBy === 'caller') return { exitCode: KILLED_EXIT_CODE };
    const said =
      this.killedBy === 'timeout'
        ? `The command did not end within ${timeoutSeconds} s and was killed.`
        : `The command had no reader for ${idleTimeoutSeconds} s and was killed.`;
    return { error: new SandglassError('command_timeout', said).toInfo() };
  }

  /** Waits until what is held has been read, within limits: the command waits too. */
  private async room(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.isFull() && Date.now() < deadline && !this.killedBy) {
      await Promise.race([this.change(), sleep(1000)]);
    }
  }

  private isFull(): boolean {
    const slowest = this.readers.size > 0 ? Math.min(...this.readers.values()) : 0;
    return this.log.wouldDrop(slowest);
  }

  private onReaderGone(): void {
    if (this.readers.size > 0 || this.ended) return;
    if (this.limits.killOnDisconnect) void this.end('caller');
    else this.startIdling();
  }

  private startIdling(): void {
    const { idleTimeoutSeconds } = this.limits;
    if (idleTimeoutSeconds < 0) return;
    this.idleTimer = setTimeout(() => void this.end('idle'), idleTimeoutSeconds * 1000);
  }

  private async change(signal?: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => this.waiting.push(resolve));
    const stop = new AbortController();
    const aborted = signal ? once(signal, 'abort', { signal: stop.signal }).catch(() => {}) : null;
    await (aborted ? Promise.race([woken, aborted]) : woken);
    stop.abort();
  }

  private wake(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const resolve of woken) resolve();
  }
}

/** What of a part lies after a position. */
function after(part: OutputPart, from: OutputPosition): OutputPart {
  const skip = Math.max(0, from[part.stream] - part.offset);
  if (skip === 0) return part;
  return { ...part, offset: part.offset + skip, bytes: part.bytes.subarray(skip) };
}
