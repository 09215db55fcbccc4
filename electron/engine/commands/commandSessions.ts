import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { after } from '../lib';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import { type ProcessInput, startProcess } from './commandProcess';
import { CommandSession, type SessionLimits } from './commandSession';
import type { SandboxBuilds } from './sandboxBuilds';

export interface SessionInput extends ProcessInput, SessionLimits {
  /** Id given by the caller, unique in its sandbox. */
  commandId: string;
  /** Closes standard input at the start; without effect on a terminal. */
  closeStdin: boolean;
  /** Seconds for which an ended command can still be read; -1 for as long as the app runs. */
  ttlSeconds: number;
}

interface EndedSession {
  session: CommandSession;
  cancelExpiry: () => void;
}

/** Ids of expired commands that are remembered, to report them as expired instead of unknown. */
const MAX_EXPIRED_IDS = 1000;
/** Ended commands that are kept, whatever their lifetime. */
const MAX_ENDED_SESSIONS = 10_000;
/** Output retained of one running command, for readers that reconnect. */
const MAX_RETAINED_BYTES = 16 * 1024 ** 2;
/** Output retained of all running commands together: each gets an equal share. */
const MAX_RETAINED_BYTES_OF_RUNNING = 256 * 1024 ** 2;
/** Least share of a running command: covers the bytes in transit when a connection is lost. */
const MIN_RETAINED_BYTES = 1024 ** 2;
/** Output retained of all ended commands together: that of the first to end is evicted first. */
const MAX_RETAINED_BYTES_OF_ENDED = 128 * 1024 ** 2;

/** Command sessions, by sandbox and by the caller's id. They outlive the connections of their readers. */
export class CommandSessions {
  private readonly sessions = new Map<string, Promise<CommandSession>>();
  /** Ended sessions by key, in the order of their ends. */
  private readonly ended = new Map<string, EndedSession>();
  private readonly expired = new Set<string>();
  private running = 0;

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
    private readonly builds: SandboxBuilds,
  ) {
    context.changes.listen((change) => {
      if (change.type === 'sandbox.removed') this.forgetSandbox(change.id);
    });
  }

  /**
   * Starts a command, or returns the session with this id: an id never starts a second command. Starts
   * a stopped sandbox first. A missing working directory or user is reported by the session's end.
   *
   * @throws SandglassError `not_found`, `not_running`
   */
  async open(sandbox: string, input: SessionInput): Promise<CommandSession> {
    const { id } = this.sandboxes.resolve(sandbox);
    const key = `${id}/${input.commandId}`;
    const known = this.sessions.get(key);
    if (known) return await known;
    const starting = this.start(id, key, input);
    this.sessions.set(key, starting);
    try {
      return await starting;
    } catch (thrown) {
      this.sessions.delete(key);
      throw thrown;
    }
  }

  /** Returns a session by its id. @throws SandglassError `not_found`, `interrupted` (expired) */
  async find(sandbox: string, commandId: string): Promise<CommandSession> {
    const key = `${this.sandboxes.resolve(sandbox).id}/${commandId}`;
    const session = this.sessions.get(key);
    if (session) return await session;
    if (this.expired.has(key)) {
      throw new SandglassError('interrupted', `The command ${commandId} has expired.`, {
        field: 'commandId',
      });
    }
    throw new SandglassError('not_found', `The sandbox has no command with the id ${commandId}.`, {
      field: 'commandId',
    });
  }

  /** Returns the sessions that have not expired, newest first. @throws SandglassError `not_found` */
  async list(sandbox: string): Promise<CommandSession[]> {
    const { id } = this.sandboxes.resolve(sandbox);
    const matching = [...this.sessions].filter(([key]) => key.startsWith(`${id}/`));
    const all = await Promise.allSettled(matching.map(([, session]) => session));
    return all
      .flatMap((found) => (found.status === 'fulfilled' ? [found.value] : []))
      .sort((a, b) => b.startedAt - a.startedAt);
  }

  /** Kills all running commands: their output cannot be read without this process. */
  async closeAll(): Promise<void> {
    for (const { cancelExpiry } of this.ended.values()) cancelExpiry();
    const all = await Promise.allSettled(this.sessions.values());
    await Promise.all(all.map((found) => found.status === 'fulfilled' && found.value.kill()));
  }

  private async start(id: string, key: string, input: SessionInput): Promise<CommandSession> {
    const sandbox = await this.sandboxes.ensureRunning(id);
    const release = this.lifetimes.retain(id);
    try {
      const build = this.builds.read(sandbox, input.command);
      const process = build
        ? this.builds.start(sandbox, build)
        : await startProcess(this.context, this.sandboxes, sandbox, input);
      if (input.closeStdin && !input.pty) process.stdin.end();
      this.running += 1;
      const session: CommandSession = new CommandSession(
        input.commandId,
        input.command,
        process,
        input,
        () => this.maxBytes(),
        () => {
          this.running -= 1;
          release();
          this.onEnd(key, session, input.ttlSeconds);
        },
      );
      return session;
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  private maxBytes(): number {
    const share = MAX_RETAINED_BYTES_OF_RUNNING / Math.max(1, this.running);
    return Math.max(MIN_RETAINED_BYTES, Math.min(MAX_RETAINED_BYTES, share));
  }

  private onEnd(key: string, session: CommandSession, ttlSeconds: number): void {
    // The sandbox was deleted meanwhile.
    if (!this.sessions.has(key)) return;
    const cancelExpiry = ttlSeconds < 0 ? () => {} : after(ttlSeconds, () => this.expire(key));
    this.ended.set(key, { session, cancelExpiry });
    const [oldest] = this.ended.keys();
    if (this.ended.size > MAX_ENDED_SESSIONS && oldest) this.expire(oldest);
    this.evictOldOutput();
  }

  private evictOldOutput(): void {
    const all = [...this.ended.values()].map(({ session }) => session);
    let total = all.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
    for (const session of all) {
      if (total <= MAX_RETAINED_BYTES_OF_ENDED) return;
      if (session.hasReaders) continue;
      total -= session.bufferedBytes;
      session.dropOutput();
    }
  }

  private expire(key: string): void {
    this.forget(key);
    this.expired.add(key);
    const [oldest] = this.expired;
    if (this.expired.size > MAX_EXPIRED_IDS && oldest) this.expired.delete(oldest);
  }

  private forgetSandbox(id: string): void {
    for (const key of this.sessions.keys()) if (key.startsWith(`${id}/`)) this.forget(key);
  }

  private forget(key: string): void {
    this.ended.get(key)?.cancelExpiry();
    this.ended.delete(key);
    this.sessions.delete(key);
  }
}
