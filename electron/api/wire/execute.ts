import { z } from 'zod';
import { envSchema } from '#shared/contract/fields';
import type { SandglassError } from '#shared/errors';
import type { SessionInput } from '../../engine/commands';
import { runConfigInput, toRunConfigChange } from './runConfig';

const DEFAULT_SHELL = '/bin/bash';
const DEFAULT_TIMEOUT_SECONDS = 60;
const DEFAULT_IDLE_SECONDS = 300;
const DEFAULT_TTL_SECONDS = 600;
/** argv strings are NUL-terminated. */
const argument = z.string().regex(/^[^\0]*$/, 'This cannot contain a NUL character.');
export const terminalSide = z.number().int().min(1).max(1000);
const seconds = z.number().min(-1).max(2_592_000);

/** Options of a command, the same for every transport. Clients use either name of the timeout. */
export const executeWire = z.object({
  command: z.union([argument.min(1, 'The command must not be empty.'), z.array(argument).min(1)]),
  timeout: z.number().min(0).max(2_592_000).nullish(),
  timeout_seconds: z.number().min(0).max(2_592_000).nullish(),
  shell: argument.min(1).max(256).nullish(),
  env: envSchema.nullish(),
  cwd: argument.max(4096).nullish(),
  run_config: runConfigInput.nullish(),
  command_id: z.string().min(1).max(128).nullish(),
  idle_timeout_seconds: seconds.nullish(),
  kill_on_disconnect: z.boolean().nullish(),
  ttl_seconds: seconds.nullish(),
  close_stdin: z.boolean().nullish(),
  pty: z.boolean().nullish(),
  /** Terminal size in characters. Not part of the hosted service's protocol. */
  cols: terminalSide.nullish(),
  rows: terminalSide.nullish(),
});
export type ExecuteWire = z.infer<typeof executeWire>;

export function toSessionInput(wire: ExecuteWire): SessionInput {
  const runConfig = toRunConfigChange(wire.run_config);
  return {
    commandId: wire.command_id ?? crypto.randomUUID(),
    command: wire.command,
    shell: wire.shell ?? DEFAULT_SHELL,
    cwd: wire.cwd ?? runConfig?.workDir,
    env: { ...runConfig?.env, ...wire.env },
    user: runConfig?.user,
    timeoutSeconds: wire.timeout_seconds ?? wire.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    idleTimeoutSeconds: wire.idle_timeout_seconds ?? DEFAULT_IDLE_SECONDS,
    killOnDisconnect: wire.kill_on_disconnect ?? false,
    ttlSeconds: wire.ttl_seconds ?? DEFAULT_TTL_SECONDS,
    closeStdin: wire.close_stdin ?? false,
    pty: wire.pty ?? false,
    size: wire.cols && wire.rows ? { cols: wire.cols, rows: wire.rows } : undefined,
  };
}

/**
 * Error types of the SDK, and additional ones that distinguish a sandbox error from a command
 * error.
 */
export function commandErrorType({ code, field }: SandglassError): string {
  if (code === 'command_timeout') return 'CommandTimeout';
  if (code === 'not_found') return field === 'commandId' ? 'CommandNotFound' : 'ResourceNotFound';
  if (code === 'interrupted' && field === 'commandId') return 'SessionExpired';
  if (code === 'not_running') return 'NotReady';
  return 'CommandError';
}
