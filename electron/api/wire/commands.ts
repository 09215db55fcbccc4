import { z } from 'zod';
import type { CommandSession } from '../../engine/commands';

/** A command that is running, or has ended and is still retained. */
export const commandWire = z.object({
  command_id: z.string(),
  /** Command line; the elements of an argument vector are joined by spaces. */
  command: z.string(),
  status: z.enum(['running', 'ended']),
  /** Null while it runs, and if a timeout killed it. */
  exit_code: z.number().nullable(),
  started_at: z.string(),
});
export type CommandWire = z.infer<typeof commandWire>;

export const commandListWire = z.object({ commands: z.array(commandWire) });

export function toCommandWire(session: CommandSession): CommandWire {
  const { id, command, outcome, startedAt } = session;
  return {
    command_id: id,
    command: typeof command === 'string' ? command : command.join(' '),
    status: outcome ? 'ended' : 'running',
    exit_code: outcome && 'exitCode' in outcome ? outcome.exitCode : null,
    started_at: new Date(startedAt).toISOString(),
  };
}
