import type { Duplex } from 'node:stream';
import type { TerminalSize } from '#shared/terminalPort';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import { execSpec, findShell, type ProcessSignal, terminalOutput } from '../docker';
import type { Sandboxes } from '../sandboxes';
import { type CommandOutput, commandOutput } from './commandOutput';

/** A running command. */
export interface CommandProcess {
  stdin: Duplex;
  /** Output and exit code; without an exit code once `isKilled` returns true. */
  output(isKilled: () => boolean): AsyncIterable<CommandOutput>;
  /** Sends a signal to the command and its descendants. */
  kill(signal: ProcessSignal): Promise<void>;
  /** Changes the size of its terminal; absent without one. */
  resize?(size: TerminalSize): Promise<void>;
  isTerminal: boolean;
  /** Process id on the daemon's host; 0 if the command ended before it was known. */
  pid(): Promise<number>;
  /** Note for the caller about how the command runs. */
  notice?: string;
}

export interface ProcessInput {
  /** Command line for the shell, or an argument vector that runs without one. */
  command: string | string[];
  shell: string;
  cwd?: string;
  env?: Record<string, string>;
  user?: string;
  /** Runs on a pseudo-terminal; the output is then all stdout. */
  pty: boolean;
  /** Size of the terminal. */
  size?: TerminalSize;
}

/** Default of the hosted service. */
const DEFAULT_TERMINAL_SIZE = { cols: 80, rows: 24 };
const TERMINAL_ENV = { TERM: 'xterm-256color' };
/** Shell that the client requests by default, whether the image has it or not. */
const DEFAULT_SHELL = '/bin/bash';

/**
 * Starts a command in a running sandbox. Replaces `/bin/bash` by `/bin/sh` in images without it.
 *
 * @throws SandglassError `not_running`
 */
export async function startProcess(
  { docker }: EngineContext,
  sandboxes: Sandboxes,
  sandbox: SandboxRecord & { containerId: string },
  input: ProcessInput,
): Promise<CommandProcess> {
  const { containerId, runConfig } = sandbox;
  const { archive, processes } = docker;
  const { command: line, pty, cwd, env, user } = input;
  const isLine = typeof line === 'string';
  const isDefaultShell = isLine && input.shell === DEFAULT_SHELL;
  const shell = isDefaultShell
    ? await findShell(archive, containerId, [DEFAULT_SHELL])
    : input.shell;
  const spec = execSpec(
    {
      ...runConfig,
      env: { ...(pty ? TERMINAL_ENV : {}), ...(await sandboxes.commandEnv(sandbox)) },
    },
    { argv: isLine ? [shell, '-c', line] : line, cwd, env, user },
  );
  const common = {
    kill: (signal: ProcessSignal) => processes.kill(containerId, spec.processTag, signal),
    isTerminal: pty,
    notice:
      shell === input.shell
        ? undefined
        : `The image has no ${input.shell}: ${shell} runs the command.`,
  };
  if (!pty) {
    const command = await processes.run(containerId, spec);
    return {
      ...common,
      stdin: command.stdin,
      output: (isKilled) => commandOutput(command, spec, isKilled),
      pid: () => command.pid(),
    };
  }
  const size = input.size ?? DEFAULT_TERMINAL_SIZE;
  const terminal = await processes.openTerminal(containerId, spec, size);
  const command = {
    output: terminalOutput(terminal.stream),
    exitCode: () => terminal.exitCode(),
  };
  return {
    ...common,
    stdin: terminal.stream,
    output: (isKilled) => commandOutput(command, spec, isKilled),
    resize: (changed) => terminal.resize(changed),
    pid: () => terminal.pid(),
  };
}
