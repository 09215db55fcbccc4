import { SandglassError } from '#shared/errors';
import type { ExecSpec, OutputChunk, RunningCommand } from '../docker';

/** Output of a command, with its exit code as the last item. */
export type CommandOutput = OutputChunk | { exitCode: number };

/** Longer than any error report of the container runtime. */
const MAX_REPORT_BYTES = 4096;

/**
 * Returns a command's output and exit code. Without an exit code if the command was killed on purpose.
 *
 * The container runtime (runc) writes to stdout if it cannot start a command. That report becomes an
 * error, or stderr with the exit code that a shell would return.
 *
 * @throws SandglassError `invalid_input` (missing working directory or user), `interrupted` (the sandbox
 * stopped)
 */
export async function* commandOutput(
  command: Pick<RunningCommand, 'output' | 'exitCode'>,
  spec: Pick<ExecSpec, 'cwd' | 'user'>,
  isKilled: () => boolean,
): AsyncGenerator<CommandOutput, void, void> {
  // A report is the only output of a command, so it is held back until more output or the end comes.
  let held: Uint8Array | null = null;
  for await (const chunk of command.output) {
    const { stream, bytes } = chunk;
    const mayBeReport: boolean = stream === 'stdout' && held === null && isReport(bytes);
    if (mayBeReport) {
      held = bytes;
      continue;
    }
    if (held?.length) yield { stream: 'stdout', bytes: held };
    held = new Uint8Array();
    yield chunk;
  }
  if (isKilled()) return;
  const exitCode = await command.exitCode();
  if (exitCode === null) {
    throw new SandglassError('interrupted', 'The sandbox stopped while the command ran.');
  }
  if (held && held.length > 0) {
    const report = new TextDecoder().decode(held);
    if (exitCode === 126 || exitCode === 127) {
      refuseMissing(report, spec);
      yield { stream: 'stderr', bytes: held };
      // Exit codes of a POSIX shell: 127 "not found", 126 "not executable".
      const notFound = /executable file not found|no such file or directory/.test(report);
      yield { exitCode: notFound ? 127 : 126 };
      return;
    }
    yield { stream: 'stdout', bytes: held };
  }
  yield { exitCode };
}

function isReport(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 40));
  return (
    bytes.length < MAX_REPORT_BYTES && /^(OCI runtime exec failed|unable to find user)/.test(start)
  );
}

function refuseMissing(report: string, { cwd, user }: Pick<ExecSpec, 'cwd' | 'user'>): void {
  if (/unable to find user/.test(report)) {
    throw new SandglassError('invalid_input', `The sandbox has no user "${user}".`, {
      field: 'user',
    });
  }
  if (/chdir to cwd/.test(report)) {
    throw new SandglassError('invalid_input', `The folder ${cwd} does not exist.`, {
      field: 'cwd',
    });
  }
}
