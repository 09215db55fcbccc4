import { SandglassError } from '#shared/errors';
import type { TerminalSize } from '#shared/terminalPort';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { OutputChunk, ProcessSignal } from '../docker';
import { absolutePath } from '../docker';
import { after } from '../lib';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import { commandOutput } from './commandOutput';
import { CommandSession, type SessionLimits, type SessionProcess } from './commandSession';
import type { SandboxBuilds } from './sandboxBuilds';

export interface SessionInput extends SessionLimits {
  /** The caller's own name for the command, unique in its sandbox. */
  commandId: string;
  /** A line for the shell, or a vector that needs none. */
  command: string | string[];
  shell: string;
  cwd?: string;
  env?: Record<string, string>;
  user?: string;
  /** Its input is at its end from the start. */
  closeStdin: boolean;
  /** On a pseudo-terminal; its output is then all stdout. */
  pty: boolean;
  /** Of the terminal. */
  size?: TerminalSize;
  /** Seconds for which an ended command can still be read; -1 for as long as the app runs. */
  ttlSeconds: number;
}

interface EndedSession {
  session: CommandSession;
  /** Calls its expiry off. */
  callOff: () => void;
}

/** Where nobody says another one: the hosted service's terminal is of that size. */
const TERMINAL_SIZE = { cols: 80, rows: 24 };
/** The client asks for it whatever the image has. */
const USUAL_SHELL = '/bin/bash';
const SHELL_OF_ALL = '/bin/sh';
/** This many ended commands are remembered as such. */
const KEPT_EXPIRIES = 1000;
/** Of one command's output this much is kept for readers that come back; bytes. */
const KEPT_OF_ONE = 16 * 1024 ** 2;
/** Of all that run at once: with many, each keeps less. */
const KEPT_OF_RUNNING = 256 * 1024 ** 2;
/** So much that a client which is cut off still finds what was on its way to it. */
const KEPT_AT_LEAST = 1024 ** 2;
/** Of all that have ended: the output of those that ended first is let go of. */
const KEPT_OF_ENDED = 128 * 1024 ** 2;
/** This many ended commands are kept, whatever their lifetime. */
const KEPT_ENDED = 10_000;

/** Commands that outlive the connection that asked for them, by sandbox and by the caller's id. */
export class CommandSessions {
  private readonly sessions = new Map<string, Promise<CommandSession>>();
  /** Those that have ended, by key, in the order of their ends. */
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
   * Starts a command, or finds the one that has this id: the same id never starts a second one. A
   * stopped sandbox is started first.
   *
   * @throws SandglassError `not_found`, `not_running`, `invalid_input` (a directory or user that is not
   * there)
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

  /** A command by its id. @throws SandglassError `not_found`, `interrupted` (kept no longer) */
  async find(sandbox: string, commandId: string): Promise<CommandSession> {
    const key = `${this.sandboxes.resolve(sandbox).id}/${commandId}`;
    const session = this.sessions.get(key);
    if (session) return await session;
    if (this.expired.has(key)) {
      throw new SandglassError('interrupted', `The command ${commandId} is no longer kept.`, {
        field: 'commandId',
      });
    }
    throw new SandglassError('not_found', `There is no command ${commandId}.`, {
      field: 'commandId',
    });
  }

  /** Those that run or are still kept, newest first. @throws SandglassError `not_found` */
  async list(sandbox: string): Promise<CommandSession[]> {
    const { id } = this.sandboxes.resolve(sandbox);
    const its = [...this.sessions].filter(([key]) => key.startsWith(`${id}/`));
    const all = await Promise.allSettled(its.map(([, session]) => session));
    return all
      .flatMap((found) => (found.status === 'fulfilled' ? [found.value] : []))
      .sort((a, b) => b.startedAt - a.startedAt);
  }

  /** Which shell a line is given to: the usual one where the image has it, else the one of all. */
  private async shellOf(containerId: string, wanted: string): Promise<string> {
    if (wanted !== USUAL_SHELL) return wanted;
    const found = await this.context.docker.archive.stat(containerId, USUAL_SHELL);
    return found ? USUAL_SHELL : SHELL_OF_ALL;
  }

  /** Kills what runs: without this process nobody could read it. */
  async closeAll(): Promise<void> {
    for (const { callOff } of this.ended.values()) callOff();
    const all = await Promise.allSettled(this.sessions.values());
    await Promise.all(all.map((found) => found.status === 'fulfilled' && found.value.kill()));
  }

  private async start(id: string, key: string, input: SessionInput): Promise<CommandSession> {
    const sandbox = await this.sandboxes.ensureRunning(id);
    const release = this.lifetimes.retain(id);
    try {
      const process = await this.spawn(sandbox, input);
      if (input.closeStdin && !input.pty) process.stdin.end();
      this.running += 1;
      const session: CommandSession = new CommandSession(
        input.commandId,
        input.command,
        process,
        input,
        () => this.mostBytes(),
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

  private async spawn(
    sandbox: SandboxRecord & { containerId: string },
    input: SessionInput,
  ): Promise<SessionProcess> {
    const build = this.builds.read(sandbox, input.command);
    if (build) return this.builds.start(sandbox, build);
    const { containerId, runConfig } = sandbox;
    const { processes } = this.context.docker;
    const mark = crypto.randomUUID();
    const { command: asked } = input;
    const isLine = typeof asked === 'string';
    const shell = isLine ? await this.shellOf(containerId, input.shell) : input.shell;
    const notice =
      shell === input.shell
        ? undefined
        : `The image has no ${input.shell}: ${shell} runs the command.`;
    const spec = {
      argv: isLine ? [shell, '-c', asked] : asked,
      mark,
      env: { ...(await this.sandboxes.commandEnv(sandbox)), ...input.env },
      cwd: input.cwd
        ? absolutePath(input.cwd, runConfig.workDir)
        : (runConfig.workDir ?? undefined),
      user: input.user ?? runConfig.user ?? undefined,
    };
    const kill = (signal?: ProcessSignal) => processes.kill(containerId, mark, signal);
    if (!input.pty) {
      const command = await processes.run(containerId, spec);
      return {
        stdin: command.stdin,
        output: (isEnded) => commandOutput(command, spec, isEnded),
        ...{ kill, isTerminal: false, pid: await command.pid(), notice },
      };
    }
    const env = { TERM: 'xterm-256color', ...spec.env };
    const size = input.size ?? TERMINAL_SIZE;
    const terminal = await processes.openTerminal(containerId, { ...spec, env }, size);
    const command = { output: asStdout(terminal.stream), exitCode: () => terminal.exitCode() };
    return {
      stdin: terminal.stream,
      output: (isEnded) => commandOutput(command, spec, isEnded),
      resize: (changed) => terminal.resize(changed),
      ...{ kill, isTerminal: true, pid: await terminal.pid(), notice },
    };
  }

  private mostBytes(): number {
    const share = KEPT_OF_RUNNING / Math.max(1, this.running);
    return Math.max(KEPT_AT_LEAST, Math.min(KEPT_OF_ONE, share));
  }

  private onEnd(key: string, session: CommandSession, ttlSeconds: number): void {
    // Its sandbox has been deleted meanwhile.
    if (!this.sessions.has(key)) return;
    const callOff = ttlSeconds < 0 ? () => {} : after(ttlSeconds, () => this.expire(key));
    this.ended.set(key, { session, callOff });
    const [oldest] = this.ended.keys();
    if (this.ended.size > KEPT_ENDED && oldest) this.expire(oldest);
    this.dropOldOutput();
  }

  private dropOldOutput(): void {
    const all = [...this.ended.values()].map(({ session }) => session);
    let held = all.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    for (const session of all) {
      if (held <= KEPT_OF_ENDED) return;
      if (session.isRead) continue;
      held -= session.heldBytes;
      session.dropOutput();
    }
  }

  private expire(key: string): void {
    this.forget(key);
    this.expired.add(key);
    const [oldest] = this.expired;
    if (this.expired.size > KEPT_EXPIRIES && oldest) this.expired.delete(oldest);
  }

  private forgetSandbox(id: string): void {
    for (const key of this.sessions.keys()) if (key.startsWith(`${id}/`)) this.forget(key);
  }

  private forget(key: string): void {
    this.ended.get(key)?.callOff();
    this.ended.delete(key);
    this.sessions.delete(key);
  }
}

async function* asStdout(stream: NodeJS.ReadableStream): AsyncGenerator<OutputChunk, void, void> {
  try {
    for await (const data of stream) {
      yield { name: 'stdout', chunk: new Uint8Array(data as unknown as Buffer) };
    }
  } catch {
    // The sandbox has gone; the exit code tells.
  }
}
