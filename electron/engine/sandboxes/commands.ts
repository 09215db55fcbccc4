import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers';
import type { CommandEvent, CommandResult } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { RunningCommand } from '../docker/processes';
import type { Lifetimes } from './lifetimes';
import { absolutePath } from './paths';
import type { Sandboxes } from './sandboxes';

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
    const sandbox = await this.sandboxes.resume(input.sandbox);
    const release = this.lifetimes.occupy(sandbox.id);
    const mark = randomUUID();
    const { processes } = this.context.docker;
    const cwd = input.cwd && absolutePath(input.cwd, sandbox.runConfig.workDir);
    const user = input.user ?? sandbox.runConfig.user ?? undefined;
    const command = await processes
      .run(sandbox.containerId, {
        argv: typeof input.command === 'string' ? ['/bin/sh', '-c', input.command] : input.command,
        mark,
        env: input.env,
        cwd,
        user,
      })
      .catch((thrown: unknown) => {
        release();
        throw thrown;
      });
    let ended: 'itself' | 'timeout' | 'aborted' | 'killed' | null = null;
    const end = async (why: 'timeout' | 'aborted' | 'killed') => {
      ended ??= why;
      await processes.kill(sandbox.containerId, mark).catch(() => {});
      // A killed process may have left its output open to one that escaped.
      command.stdin.destroy();
    };
    const timer = setTimeout(() => void end('timeout'), input.timeoutSeconds * 1000);
    const onAbort = () => void end('aborted');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.running.set(mark, end);
    try {
      yield { type: 'started', commandId: mark };
      command.stdin.end(input.stdin ?? '');
      yield* refined(command, { cwd, user }, () => ended);
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
const KILLED_EXIT_CODE = 137;
/** What the runtime says instead of starting a command is at most this long. */
const LONGEST_REPORT = 4096;

/** A command's output and its end; what the container runtime says in its place becomes an error. */
async function* refined(
  command: RunningCommand,
  spec: { cwd?: string; user?: string },
  endedBy: () => string | null,
): AsyncGenerator<CommandEvent, void, void> {
  // The runtime reports what it could not start as the only output of the command (runc's exec).
  let held: Uint8Array<ArrayBuffer> | null = null;
  for await (const { name, chunk } of command.output) {
    const mayBeReport: boolean = name === 'stdout' && held === null && isReport(chunk);
    if (mayBeReport) {
      held = chunk;
      continue;
    }
    if (held?.length) yield { type: 'stdout', bytes: held };
    held = new Uint8Array();
    yield { type: name, bytes: chunk };
  }
  if (endedBy() === 'killed') {
    yield { type: 'exit', exitCode: KILLED_EXIT_CODE };
    return;
  }
  if (endedBy() !== null) return;
  const exitCode = await command.exitCode();
  if (exitCode === null) {
    throw new SandglassError('interrupted', 'The sandbox stopped while the command ran.');
  }
  if (held && held.length > 0) {
    const report = new TextDecoder().decode(held);
    if (exitCode === 126 || exitCode === 127) {
      refuseMissing(report, spec);
      yield { type: 'stderr', bytes: held };
      // As a shell would: 127 for "not found".
      const notFound = /executable file not found|no such file or directory/.test(report);
      yield { type: 'exit', exitCode: notFound ? 127 : 126 };
      return;
    }
    yield { type: 'stdout', bytes: held };
  }
  yield { type: 'exit', exitCode };
}

function isReport(chunk: Uint8Array): boolean {
  const start = new TextDecoder().decode(chunk.subarray(0, 40));
  return (
    chunk.length < LONGEST_REPORT && /^(OCI runtime exec failed|unable to find user)/.test(start)
  );
}

function refuseMissing(report: string, { cwd, user }: { cwd?: string; user?: string }): void {
  if (/unable to find user/.test(report)) {
    throw new SandglassError('invalid_input', `There is no user "${user}" in the sandbox.`, {
      field: 'user',
    });
  }
  if (/chdir to cwd/.test(report)) {
    throw new SandglassError('invalid_input', `The folder ${cwd} does not exist.`, {
      field: 'cwd',
    });
  }
}

function refuseEarlyEnd(ended: string, timeoutSeconds: number): void {
  if (ended === 'aborted') throw new SandglassError('cancelled', 'The command was cancelled.');
  if (ended !== 'timeout') return;
  throw new SandglassError(
    'command_timeout',
    `The command did not end within ${timeoutSeconds} s and was killed.`,
    { field: 'timeoutSeconds', hint: 'Give it a longer timeout.' },
  );
}
