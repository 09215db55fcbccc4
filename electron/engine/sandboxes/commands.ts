import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { CommandResult } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { RunningCommand } from '../docker/processes';
import type { Lifetimes } from './lifetimes';
import type { Sandboxes } from './sandboxes';

type RunningSandbox = ReturnType<Sandboxes['resolveRunning']>;

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
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Runs a command to its end, in a sandbox that is started first if it is stopped; a string goes to
   * `/bin/sh -c`. Nothing of it is left after a timeout
   * or an abort.
   *
   * @throws SandglassError `command_timeout`, `not_running`, `not_found`, `cancelled`,
   * `invalid_input` (a working directory or user that is not there)
   */
  async run(input: CommandInput, signal?: AbortSignal): Promise<CommandResult> {
    const sandbox = await this.sandboxes.resume(input.sandbox);
    return await this.lifetimes.during(sandbox.id, () => this.runIn(sandbox, input, signal));
  }

  private async runIn(
    sandbox: RunningSandbox,
    input: CommandInput,
    signal: AbortSignal | undefined,
  ): Promise<CommandResult> {
    const { containerId } = sandbox;
    const { processes } = this.context.docker;
    const mark = randomUUID();
    const user = input.user ?? sandbox.runConfig.user ?? undefined;
    const running = await processes.run(containerId, {
      argv: typeof input.command === 'string' ? ['/bin/sh', '-c', input.command] : input.command,
      mark,
      env: input.env,
      cwd: input.cwd,
      user,
    });
    running.stdin.end(input.stdin ?? '');
    const result = collect(running);
    const ended = await firstOf(result, input.timeoutSeconds, signal);
    if (ended === 'done') return refineResult(await result, { ...input, user });
    result.catch(() => {});
    await processes.kill(containerId, mark);
    running.stdin.destroy();
    if (ended === 'aborted') throw new SandglassError('cancelled', 'The command was cancelled.');
    throw new SandglassError(
      'command_timeout',
      `The command did not end within ${input.timeoutSeconds} s and was killed.`,
      { field: 'timeoutSeconds', hint: 'Give it a longer timeout.' },
    );
  }
}

async function collect(running: RunningCommand): Promise<CommandResult> {
  const [stdout, stderr] = await Promise.all([buffer(running.stdout), buffer(running.stderr)]);
  const exitCode = await running.exitCode();
  if (exitCode === null) {
    throw new SandglassError('interrupted', 'The sandbox stopped while the command ran.');
  }
  return { stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8'), exitCode };
}

async function firstOf(
  result: Promise<unknown>,
  timeoutSeconds: number,
  signal: AbortSignal | undefined,
): Promise<'done' | 'timeout' | 'aborted'> {
  const timer = new AbortController();
  const stop = () => timer.abort();
  signal?.addEventListener('abort', stop);
  const waiting = setTimeout(timeoutSeconds * 1000, 'timeout' as const, { signal: timer.signal });
  try {
    return await Promise.race([
      result.then(() => 'done' as const),
      waiting.catch(() => 'aborted' as const),
    ]);
  } finally {
    signal?.removeEventListener('abort', stop);
    timer.abort();
  }
}

/** The container runtime reports what it could not start as output of the command (runc's exec). */
function refineResult(result: CommandResult, input: CommandInput): CommandResult {
  if (result.exitCode !== 126 && result.exitCode !== 127) return result;
  const { stdout: report } = result;
  if (/^(OCI runtime exec failed|unable to find user)/.test(report) === false) return result;
  if (/unable to find user/.test(report)) {
    throw new SandglassError('invalid_input', `There is no user "${input.user}" in the sandbox.`, {
      field: 'user',
    });
  }
  if (/chdir to cwd/.test(report)) {
    throw new SandglassError('invalid_input', `The folder ${input.cwd} does not exist.`, {
      field: 'cwd',
    });
  }
  // As a shell would: the reason on stderr, and 127 for "not found".
  const notFound = /executable file not found|no such file or directory/.test(report);
  return { stdout: '', stderr: report, exitCode: notFound ? 127 : 126 };
}
