import { z } from 'zod';
import type { CommandSession } from '../../engine/commands';

/** A command that runs, or that has ended and is still kept. */
export const commandWire = z.object({
  command_id: z.string(),
  /** As it was asked for; the words of a vector with spaces between them. */
  command: z.string(),
  status: z.enum(['running', 'ended']),
  /** Null while it runs, and where it was killed by a timeout. */
  exit_code: z.number().nullable(),
  started_at: z.string(),
});
export type CommandWire = z.infer<typeof commandWire>;

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
