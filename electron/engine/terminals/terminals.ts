import { randomUUID } from 'node:crypto';
import type { Terminal } from '#shared/contract/terminals';
import { SandglassError } from '#shared/errors';
import type { TerminalSize } from '#shared/terminalPort';
import type { EngineContext } from '../context';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import { TerminalSession } from './session';
import type { TerminalAttachment, TerminalView } from './terminalView';

/** Shells to look for, best first; the last one is in every sandbox. */
const shells = ['/bin/bash', '/usr/bin/bash', '/bin/sh'] as const;

/** What programs in the shell are told about the terminal: xterm.js speaks this dialect. */
const terminalEnv = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

/** Many a minimal image says nothing of its character set, and would get plain ASCII. */
const localeEnv = { LANG: 'C.UTF-8' };

/** The terminals there are. Sessions live here; views come and go. */
export class Terminals {
  private readonly sessions = new Map<string, TerminalSession>();

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {
    context.changes.listen((change) => {
      if (change.type === 'sandbox.removed') this.forgetSandbox(change.id);
    });
  }

  list(): Terminal[] {
    return [...this.sessions.values()].map(({ terminal }) => terminal);
  }

  /** Opens a shell in a running sandbox. @throws SandglassError `not_found`, `not_running` */
  async open(reference: string, size: TerminalSize): Promise<Terminal> {
    const sandbox = this.sandboxes.resolveRunning(reference);
    this.lifetimes.touch(sandbox.id);
    const { processes } = this.context.docker;
    const shell = await this.findShell(sandbox.containerId);
    const id = randomUUID();
    const { user } = sandbox.runConfig;
    const env = await this.sandboxes.commandEnv(sandbox);
    const running = await processes.openTerminal(
      sandbox.containerId,
      {
        argv: [shell, '-l'],
        mark: id,
        env: { ...env, ...terminalEnv, ...('LANG' in env || 'LC_ALL' in env ? {} : localeEnv) },
        user: user ?? undefined,
      },
      size,
    );
    const terminal: Terminal = {
      id,
      sandboxId: sandbox.id,
      shell,
      state: 'running',
      exitCode: null,
      openedAt: Date.now(),
    };
    this.sessions.set(
      id,
      new TerminalSession(terminal, size, running, {
        onChange: (changed) => {
          if (this.sessions.has(id)) this.announce(changed);
        },
        onTraffic: () => this.lifetimes.touch(sandbox.id),
      }),
    );
    this.announce(terminal);
    return terminal;
  }

  /** Shows a session in a view. @throws SandglassError `not_found` */
  attach(id: string, view: TerminalView): TerminalAttachment {
    return this.find(id).attach(view);
  }

  /** Ends a shell with all that runs in it, and forgets the session. @throws `not_found` */
  async close(id: string): Promise<void> {
    const { terminal } = this.find(id);
    this.forget(id);
    if (terminal.state === 'running') await this.endShell(terminal);
  }

  /** Ends every shell; what can't be reached any more ends with its sandbox. */
  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.sessions.keys()].map((id) => this.close(id)));
  }

  private async endShell({ id, sandboxId }: Terminal): Promise<void> {
    const { containerId, status } = this.sandboxes.resolve(sandboxId);
    if (status !== 'ready' || !containerId) return;
    await this.context.docker.processes.kill(containerId, id);
  }

  private async findShell(containerId: string): Promise<string> {
    for (const shell of shells) {
      if (await this.context.docker.archive.stat(containerId, shell)) return shell;
    }
    return '/bin/sh';
  }

  private find(id: string): TerminalSession {
    const session = this.sessions.get(id);
    if (session) return session;
    throw new SandglassError('not_found', 'There is no such terminal.', { field: 'id' });
  }

  private forgetSandbox(sandboxId: string): void {
    for (const { terminal } of this.sessions.values()) {
      if (terminal.sandboxId === sandboxId) this.forget(terminal.id);
    }
  }

  private forget(id: string): void {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    session?.dispose();
    this.context.changes.announce({ type: 'terminal.removed', id });
  }

  private announce(terminal: Terminal): void {
    this.context.changes.announce({ type: 'terminal', terminal });
  }
}
