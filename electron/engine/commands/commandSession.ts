import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';
import type { TerminalSize } from '#shared/terminalPort';
import type { ProcessSignal } from '../docker';
import { after, wholeCharacters } from '../lib';
import type { CommandOutput } from './commandOutput';
import {
  type OutputCursor,
  type OutputForm,
  OutputLog,
  type OutputPart,
  type OutputPosition,
} from './outputLog';

/** A command under way, as Docker runs it. */
export interface SessionProcess {
  stdin: Duplex;
  /** Asked with whether it was ended from outside: then it has no exit code. */
  output(isEnded: () => boolean): AsyncIterable<CommandOutput>;
  /** Ends it with all that it has started, or sends them a signal that they may handle. */
  kill(signal?: ProcessSignal): Promise<void>;
  /** Of its terminal. */
  resize?(size: TerminalSize): Promise<void>;
  isTerminal: boolean;
  /** As the daemon's host counts it; 0 where it was over at once. */
  pid: number;
  /** What its caller should know about how it runs. */
  notice?: string;
}

export interface SessionLimits {
  /** Seconds until it is killed; 0 for never. */
  timeoutSeconds: number;
  /** Seconds without a reader until it is killed; -1 for never. */
  idleTimeoutSeconds: number;
  /** Killed when its last reader leaves, or has lost its connection and does not come back. */
  killOnDisconnect: boolean;
}

export type SessionEnd = { exitCode: number } | { error: ErrorInfo };

export type SessionEvent = OutputPart | { end: SessionEnd };

/** Why a reader's signal aborts when it did not leave, but was cut off: it may come back. */
export const CONNECTION_LOST = Symbol('cut off');

/** A command waits this long for readers that are all away; then old output is dropped. Milliseconds. */
const PATIENCE_MS = 30_000;
/** A reader that was cut off has this long to come back; the client tries after 0.5, 1, 2 and 4 s. */
const COME_BACK_SECONDS = 10;
/** What a killed command has said still comes in this time; only an escaped process takes longer. */
const KILL_DRAIN_MS = 2000;
/** Exit status that a shell reports for a process killed by SIGKILL: 128 + 9 (POSIX). */
const KILLED_EXIT_CODE = 137;
const END_OF_TRANSMISSION = '\u0004';

/** One command, which goes on while its readers come and go. */
export class CommandSession {
  private readonly log: OutputLog;
  private readonly over = new AbortController();
  private waiting: Array<() => void> = [];
  private ended: SessionEnd | null = null;
  private killedBy: 'timeout' | 'idle' | 'caller' | null = null;
  private killing: Promise<void> | null = null;
  /** How much of its input has come, in bytes. */
  private inputEnd = 0;
  readonly startedAt = Date.now();
  private aloneSince = this.startedAt;
  private stopTimer = () => {};
  private stopIdling = () => {};

  constructor(
    readonly id: string,
    readonly command: string | string[],
    private readonly process: SessionProcess,
    private readonly limits: SessionLimits,
    /** How many bytes of its output it may hold now. */
    mostBytes: () => number,
    private readonly onEnd: () => void,
  ) {
    this.log = new OutputLog(mostBytes);
    const { timeoutSeconds } = limits;
    if (timeoutSeconds > 0) this.stopTimer = after(timeoutSeconds, () => void this.end('timeout'));
    this.startIdling();
    void this.pump();
  }

  /**
   * Everything after a position, as it comes, then the end. A reader that asks slowly makes the command
   * slow.
   *
   * @throws SandglassError `capacity_exceeded` when something after the position is no longer held
   */
  async *read(
    from: OutputPosition,
    signal?: AbortSignal,
    form: OutputForm = 'bytes',
  ): AsyncGenerator<SessionEvent, void, void> {
    const cursor = this.log.open(from, form);
    this.stopIdling();
    try {
      while (!signal?.aborted) {
        this.refuseHole(cursor);
        const part = this.log.next(cursor);
        if (part) {
          this.wake();
          yield part;
        } else if (this.ended) {
          yield { end: this.ended };
          return;
        } else {
          await this.change(signal);
        }
      }
    } finally {
      this.log.close(cursor);
      this.wake();
      this.onReaderGone(signal?.reason === CONNECTION_LOST);
    }
  }

  get pid(): number {
    return this.process.pid;
  }

  /** What its caller should know about how it runs; its own output stays as it is. */
  get notice(): string | undefined {
    return this.process.notice;
  }

  /** How it ended; null while it runs. */
  get outcome(): SessionEnd | null {
    return this.ended;
  }

  /** Bytes of its output that are held. */
  get heldBytes(): number {
    return this.log.heldBytes;
  }

  get isRead(): boolean {
    return this.log.hasReaders;
  }

  /**
   * Bytes for its standard input, taken as fast as it reads them; what comes after its end is dropped.
   * By their offset, those that come again after a break are told from new ones.
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

  /** Sends all its processes a signal, which they may handle. */
  async signal(signal: ProcessSignal): Promise<void> {
    if (!this.ended) await this.process.kill(signal).catch(() => {});
  }

  /** Changes the size of its terminal; without one nothing happens. */
  async resize(size: TerminalSize): Promise<void> {
    // It may end at this very moment.
    if (!this.ended) await this.process.resize?.(size).catch(() => {});
  }

  /** Ends it with all that it has started. Ended already is fine. */
  async kill(): Promise<void> {
    await this.end('caller');
  }

  /** Lets go of what an ended command has said; how it ended stays known. */
  dropOutput(): void {
    if (this.ended) this.log.clear();
  }

  private async end(why: 'timeout' | 'idle' | 'caller'): Promise<void> {
    if (this.ended) return;
    this.killedBy ??= why;
    this.wake();
    this.killing = this.process.kill().catch(() => {});
    await this.killing;
    await sleep(KILL_DRAIN_MS, null, { signal: this.over.signal, ref: false }).catch(() => {});
    this.process.stdin.destroy();
  }

  private async pump(): Promise<void> {
    try {
      const end = await this.listen();
      // The output ends with the first process: the others are gone before readers get the end.
      await this.killing;
      this.ended = end ?? this.endByKill();
    } catch (thrown) {
      this.ended = { error: toSandglassError(thrown).toInfo() };
    }
    this.stopTimer();
    this.stopIdling();
    this.over.abort();
    // Input that it never read would wait for ever.
    this.process.stdin.destroy();
    this.wake();
    this.onEnd();
  }

  /** Keeps what it says, until its end; null for one that was ended from outside. */
  private async listen(): Promise<SessionEnd | null> {
    // A character that is not whole yet waits for its rest: readers get text.
    const rest = { stdout: new Uint8Array(), stderr: new Uint8Array() };
    try {
      for await (const event of this.process.output(() => this.killedBy !== null)) {
        if (event.type === 'exit') return { exitCode: event.exitCode };
        const name = event.type;
        const bytes =
          rest[name].length === 0 ? event.bytes : Buffer.concat([rest[name], event.bytes]);
        const whole = wholeCharacters(bytes);
        rest[name] = new Uint8Array(bytes.subarray(whole));
        await this.keep(name, bytes.subarray(0, whole));
      }
      return null;
    } finally {
      await this.keep('stdout', rest.stdout);
      await this.keep('stderr', rest.stderr);
    }
  }

  private async keep(stream: OutputPart['stream'], bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    while (this.mustWait() && !this.killedBy) {
      await Promise.race([this.change(), sleep(1000, null, { ref: false })]);
    }
    // Of a command that is killed while its reader is behind, the last is lost, not the middle.
    if (this.killedBy && this.mustWait()) return;
    this.log.append(stream, bytes);
    this.wake();
  }

  /** True while something would be dropped that a reader still wants: the command waits too. */
  private mustWait(): boolean {
    if (!this.log.isFull) return false;
    if (!this.isRead && Date.now() >= this.aloneSince + PATIENCE_MS) this.log.giveUpAbsent();
    return this.log.isOldestWanted;
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

  private refuseHole(cursor: OutputCursor): void {
    const missing = this.log.missing(cursor);
    if (!missing) return;
    const { stream, keptFrom } = missing;
    throw new SandglassError(
      'capacity_exceeded',
      `The ${stream} of the command ${this.id} is no longer held before byte ${keptFrom}.`,
      { hint: 'Read on from there, or have the command write its output to a file.' },
    );
  }

  private onReaderGone(isCutOff: boolean): void {
    if (this.isRead || this.ended) return;
    this.aloneSince = Date.now();
    if (!this.limits.killOnDisconnect) this.startIdling();
    else if (isCutOff) this.stopIdling = after(COME_BACK_SECONDS, () => void this.end('caller'));
    else void this.end('caller');
  }

  private startIdling(): void {
    const { idleTimeoutSeconds } = this.limits;
    if (idleTimeoutSeconds < 0) return;
    this.stopIdling = after(idleTimeoutSeconds, () => void this.end('idle'));
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
