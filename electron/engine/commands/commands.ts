import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers';
import type { CommandEvent, CommandResult } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { absolutePath } from '../docker';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import { commandOutput } from './commandOutput';

export interface CommandInput {
  sandbox: string;
  command: string | string[];
  cwd?: string;
  env?: Record<string, string>;
  user?: string;
  stdin?: string | Uint8Array;
  timeoutSeconds: number;
}

/** Runs commands in sandboxes. */
export class Commands {
  /** How to end each one that runs. */
  private readonly running = new Map<string, (why: 'killed') => Promise<void>>();

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Runs a command to its end, in a sandbox that is started first if it is stopped; a string goes to
   * `/bin/sh -c`. Nothing of it is left after a timeout or an abort.
   *
   * @throws SandglassError `command_timeout`, `not_running`, `not_found`, `cancelled`,
   * `invalid_input` (a working directory or user that is not there)
   */
  async run(input: CommandInput, signal?: AbortSignal): Promise<CommandResult> {
    const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    let exitCode = 0;
    for await (const event of this.stream(input, signal)) {
      if (event.type === 'exit') exitCode = event.exitCode;
      else if (event.type !== 'started') output[event.type].push(event.bytes);
    }
    const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString('utf8');
    return { stdout: text(output.stdout), stderr: text(output.stderr), exitCode };
  }

  /**
   * Runs a command and tells its output as it comes: memory does not grow with it, for the command
   * waits while nobody reads. Whoever stops reading kills it.
   *
   * @throws SandglassError as `run`
   */
  async *stream(
    input: CommandInput,
    signal?: AbortSignal,
  ): AsyncGenerator<CommandEvent, void, void> {
    const sandbox = await this.sandboxes.ensureRunning(input.sandbox);
    const baseEnv = await this.sandboxes.commandEnv(sandbox);
    const release = this.lifetimes.retain(sandbox.id);
    const mark = randomUUID();
    const { processes } = this.context.docker;
    const { runConfig } = sandbox;
    const cwd = input.cwd
      ? absolutePath(input.cwd, runConfig.workDir)
      : (runConfig.workDir ?? undefined);
    const user = input.user ?? runConfig.user ?? undefined;
    const command = await processes
      .run(sandbox.containerId, {
        argv: typeof input.command === 'string' ? ['/bin/sh', '-c', input.command] : input.command,
        mark,
        env: { ...baseEnv, ...input.env },
        cwd,
        user,
      })
      .catch((thrown: unknown) => {
        release();
        throw thrown;
      });
    let ended: 'itself' | 'timeout' | 'aborted' | 'killed' | null = null;
    let ending: Promise<void> | null = null;
    const end = (why: 'timeout' | 'aborted' | 'killed') => {
      ended ??= why;
      ending ??= processes
        .kill(sandbox.containerId, mark)
        .catch(() => {})
        // A killed process may have left its output open to one that escaped.
        .then(() => void command.stdin.destroy());
      return ending;
    };
    const timer = setTimeout(() => void end('timeout'), input.timeoutSeconds * 1000);
    const onAbort = () => void end('aborted');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.running.set(mark, end);
    try {
      yield { type: 'started', commandId: mark };
      command.stdin.end(input.stdin ?? '');
      const output = commandOutput(command, { cwd, user }, () => ended !== null);
      for await (const event of output) yield event;
      // Its output ends with its first process; by the time the end is told, the others have gone too.
      await ending;
      if (ended === 'killed') yield { type: 'exit', exitCode: KILLED_EXIT_CODE };
      ended ??= 'itself';
      refuseEarlyEnd(ended, input.timeoutSeconds);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.running.delete(mark);
      if (ended === null) await end('aborted');
      release();
    }
  }

  /** Ends a streamed command with all that it has started. Gone already is fine. */
  async kill(commandId: string): Promise<void> {
    await this.running.get(commandId)?.('killed');
  }
}

/** As a shell tells it of a process that SIGKILL ended. */
export const KILLED_EXIT_CODE = 137;

function refuseEarlyEnd(ended: string, timeoutSeconds: number): void {
  if (ended === 'aborted') throw new SandglassError('cancelled', 'The command was cancelled.');
  if (ended !== 'timeout') return;
  throw new SandglassError(
    'command_timeout',
    `The command did not end within ${timeoutSeconds} s and was killed.`,
    { field: 'timeoutSeconds', hint: 'Give it a longer timeout.' },
  );
}
