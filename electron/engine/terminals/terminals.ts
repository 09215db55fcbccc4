import { randomUUID } from 'node:crypto';
import type { Terminal } from '#shared/contract/terminals';
import { SandglassError } from '#shared/errors';
import type { TerminalSize } from '#shared/terminalPort';
import type { EngineContext } from '../context';
import { execSpec, findShell } from '../docker';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import { TerminalSession } from './terminalSession';
import type { TerminalAttachment, TerminalView } from './terminalView';

/** Shells in order of preference, before `/bin/sh`. */
const PREFERRED_SHELLS = ['/bin/bash', '/usr/bin/bash'];

/** Terminal type that xterm.js implements. */
const TERMINAL_ENV = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

/** Locale for images that set none: programs would fall back to ASCII. */
const DEFAULT_LOCALE_ENV = { LANG: 'C.UTF-8' };

/** Open terminals. A session outlives the views that attach to it. */
export class Terminals {
  private readonly sessions = new Map<string, TerminalSession>();

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {
    context.changes.listen((change) => {
      if (change.type === 'sandbox.removed') this.removeSandbox(change.id);
    });
  }

  list(): Terminal[] {
    return [...this.sessions.values()].map(({ terminal }) => terminal);
  }

  /** Opens a shell in a running sandbox. @throws SandglassError `not_found`, `not_running` */
  async open(reference: string, size: TerminalSize): Promise<Terminal> {
    const sandbox = this.sandboxes.resolveRunning(reference);
    this.lifetimes.touch(sandbox.id);
    const { archive, processes } = this.context.docker;
    const { containerId, runConfig } = sandbox;
    const shell = await findShell(archive, containerId, PREFERRED_SHELLS);
    const id = randomUUID();
    const env = await this.sandboxes.commandEnv(sandbox);
    const hasLocale = 'LANG' in env || 'LC_ALL' in env;
    const spec = execSpec(
      // A terminal must open even if the configured working directory is missing.
      { env, user: runConfig.user, workDir: null },
      {
        argv: [shell, '-l'],
        processTag: id,
        env: { ...TERMINAL_ENV, ...(hasLocale ? {} : DEFAULT_LOCALE_ENV) },
      },
    );
    const running = await processes.openTerminal(containerId, spec, size);
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

  /** Attaches a view to a session. @throws SandglassError `not_found` */
  attach(id: string, view: TerminalView): TerminalAttachment {
    return this.find(id).attach(view);
  }

  /** Kills a shell with its descendants and removes the session. @throws SandglassError `not_found` */
  async close(id: string): Promise<void> {
    const { terminal } = this.find(id);
    this.remove(id);
    if (terminal.state === 'running') await this.killShell(terminal);
  }

  /** Closes all terminals. A shell that cannot be reached ends with its sandbox. */
  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.sessions.keys()].map((id) => this.close(id)));
  }

  private async killShell({ id, sandboxId }: Terminal): Promise<void> {
    const { containerId, status } = this.sandboxes.resolve(sandboxId);
    if (status !== 'ready' || !containerId) return;
    await this.context.docker.processes.kill(containerId, id);
  }

  private find(id: string): TerminalSession {
    const session = this.sessions.get(id);
    if (session) return session;
    throw new SandglassError('not_found', 'This terminal does not exist.', { field: 'id' });
  }

  private removeSandbox(sandboxId: string): void {
    for (const { terminal } of this.sessions.values()) {
      if (terminal.sandboxId === sandboxId) this.remove(terminal.id);
    }
  }

  private remove(id: string): void {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    session?.dispose();
    this.context.changes.announce({ type: 'terminal.removed', id });
  }

  private announce(terminal: Terminal): void {
    this.context.changes.announce({ type: 'terminal', terminal });
  }
}
