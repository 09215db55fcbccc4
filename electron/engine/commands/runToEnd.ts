import { SandglassError } from '#shared/errors';
import type { CommandSession } from './commandSession';

export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export interface RunToEndOptions {
  /** Stops reading when aborted. A session with `killOnDisconnect` then kills its command. */
  signal?: AbortSignal;
  /** Bytes of stdout and stderr together; unlimited by default. */
  maxOutputBytes?: number;
}

/**
 * Reads a command from its first byte to its end and collects its output in memory, decoded as UTF-8.
 * A non-zero exit code is a result, not an error.
 *
 * @throws SandglassError `cancelled` (the signal was aborted), `capacity_exceeded` (more output than
 * `maxOutputBytes`), `command_timeout`, `interrupted`, `invalid_input` (missing working directory or
 * user)
 */
export async function runToEnd(
  session: CommandSession,
  { signal, maxOutputBytes = Number.POSITIVE_INFINITY }: RunToEndOptions = {},
): Promise<CommandResult> {
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let length = 0;
  for await (const event of session.read({ stdout: 0, stderr: 0 }, signal)) {
    if ('end' in event) {
      if ('error' in event.end) throw SandglassError.fromInfo(event.end.error);
      const { exitCode } = event.end;
      return { stdout: decode(output.stdout), stderr: decode(output.stderr), exitCode };
    }
    length += event.bytes.length;
    if (length > maxOutputBytes) throw outputTooLarge(maxOutputBytes);
    output[event.stream].push(event.bytes);
  }
  throw new SandglassError('cancelled', 'The command was cancelled.');
}

function decode(chunks: Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function outputTooLarge(maxBytes: number): SandglassError {
  return new SandglassError(
    'capacity_exceeded',
    `The command wrote more than ${maxBytes / 1024 ** 2} MiB of output and was killed.`,
    { hint: 'Redirect its output to a file, or run it over the WebSocket.' },
  );
}
