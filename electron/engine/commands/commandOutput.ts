import { SandglassError } from '#shared/errors';
import type { RunningCommand } from '../docker';

export type CommandOutput =
  | { type: 'stdout' | 'stderr'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'exit'; exitCode: number };

/** What the runtime says instead of starting a command is at most this long. */
const LONGEST_REPORT = 4096;

/**
 * A command's output and its exit code; what the container runtime says in its place becomes an error.
 * Of a command that was ended from outside there is no exit code.
 *
 * @throws SandglassError `invalid_input` (a directory or user that is not there), `interrupted`
 */
export async function* commandOutput(
  command: Pick<RunningCommand, 'output' | 'exitCode'>,
  spec: { cwd?: string; user?: string },
  isEnded: () => boolean,
): AsyncGenerator<CommandOutput, void, void> {
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
  if (isEnded()) return;
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
