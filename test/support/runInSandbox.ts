import {
  type CommandResult,
  type CommandSession,
  runToEnd,
  type SessionInput,
} from '../../electron/engine/commands';
import type { Engine } from '../../electron/engine/engine';

export interface SandboxCommand
  extends Partial<Pick<SessionInput, 'cwd' | 'env' | 'user' | 'timeoutSeconds'>> {
  sandbox: string;
  command: string | string[];
  /** Standard input, closed after its last byte; empty by default. */
  stdin?: string;
}

/** Starts a command that is killed when its reader leaves, as the API's execute route does. */
export async function openCommand(
  { commandSessions }: Pick<Engine, 'commandSessions'>,
  { sandbox, stdin, ...input }: SandboxCommand,
): Promise<CommandSession> {
  const session = await commandSessions.open(sandbox, {
    commandId: crypto.randomUUID(),
    shell: '/bin/sh',
    timeoutSeconds: 60,
    idleTimeoutSeconds: -1,
    killOnDisconnect: true,
    closeStdin: stdin === undefined,
    pty: false,
    ttlSeconds: 0,
    ...input,
  });
  if (stdin !== undefined) {
    await session.write(stdin);
    await session.closeStdin();
  }
  return session;
}

/** Runs a command in a sandbox to its end. @throws SandglassError as `runToEnd` */
export async function runInSandbox(
  engine: Pick<Engine, 'commandSessions'>,
  input: SandboxCommand,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return await runToEnd(await openCommand(engine, input), { signal });
}
